/** What two changes of one project must not do at once. Whoever takes both takes that of its tasks first. */
import { join } from 'node:path';
import { pathSegment, withFileLock } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';

type Place = { readonly projectId: string; readonly purpose: string };

/** Held by whoever makes a task, and by whoever removes the project: there is no task of a project that is gone. */
export function whileTasksStay<T>(ctx: TaskContext, { projectId, purpose }: Place, body: () => Promise<T>): Promise<T> {
  return withFileLock(ctx, join(ctx.paths.coreProjects, lockName(projectId)), { purpose }, body);
}

/** Held by whoever writes or removes `project.yml`. */
export function whileFileStays<T>(ctx: TaskContext, { projectId, purpose }: Place, body: () => Promise<T>): Promise<T> {
  return withFileLock(ctx, join(ctx.paths.projects, lockName(projectId)), { purpose }, body);
}

/** Beside the project's folder: a lock in it would make the folder. */
const lockName = (projectId: string): string => `.${pathSegment('project', projectId)}.lock`;
