/** What podman knows of a project's tasks, by one query. */
import { labelNames, installationLabels, type ContainerRow } from '@terok/executor';
import { isTaskContainer } from '../runners/throwaway.ts';
import type { TaskContext } from '../task-context.ts';

/** Every container over one task's files, throw-away ones too; null when podman could not be asked. */
export async function taskContainers(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly ContainerRow[] | null> {
  return ctx.runtime.containers({ ...installationLabels(ctx.installationId), [labelNames.project]: projectId, [labelNames.task]: taskId });
}

/** Task ID → its container; null when podman could not be asked, which is not "none". */
export async function liveContainers(ctx: TaskContext, projectId: string): Promise<ReadonlyMap<string, ContainerRow> | null> {
  const rows = await ctx.runtime.containers({ ...installationLabels(ctx.installationId), [labelNames.project]: projectId });
  if (rows === null) return null;
  return new Map(rows.filter((row) => isTaskContainer(row.labels)).map((row) => [row.labels[labelNames.task] ?? '', row]));
}
