/** What podman knows of tasks, by one query. */
import { installationLabels, labelNames, type ContainerRow } from '@terok/executor';
import type { TaskContext } from '../task-context.ts';
import { isTaskContainer } from './container-name.ts';

/** Task ID → its containers. A task has one; two for as long as a launch takes the place of another. */
export type LiveContainers = ReadonlyMap<string, readonly ContainerRow[]>;

/** Every container over one task's files, throw-away ones too; null when podman could not be asked. */
export async function containersOverTask(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly ContainerRow[] | null> {
  return ctx.runtime.containers({ ...installationLabels(ctx.installationId), [labelNames.project]: projectId, [labelNames.task]: taskId });
}

/** The containers of one task; null when podman could not be asked, which is not "none". */
export async function taskContainers(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly ContainerRow[] | null> {
  const rows = await containersOverTask(ctx, projectId, taskId);
  return rows?.filter(({ labels }) => isTaskContainer(labels)) ?? null;
}

/** Those of all tasks of a project; null when podman could not be asked. */
export async function liveContainers(ctx: TaskContext, projectId: string): Promise<LiveContainers | null> {
  const rows = await ctx.runtime.containers({ ...installationLabels(ctx.installationId), [labelNames.project]: projectId });
  if (rows === null) return null;
  const own = rows.filter(({ labels }) => isTaskContainer(labels));
  return Map.groupBy(own, ({ labels }) => labels[labelNames.task] ?? '');
}

/**
 * The container of a launch. Where the record names no launch (an old one, or one that was taken back), or none is given: the one
 * that is up, else the one that was started last.
 */
export function rowOfLaunch(rows: readonly ContainerRow[] | undefined, launchId: string | null | undefined): ContainerRow | undefined {
  if (typeof launchId === 'string') return rows?.find(({ labels }) => labels[labelNames.launch] === launchId);
  return rows?.toSorted((a, b) => Number(isUp(b)) - Number(isUp(a)) || startOf(b) - startOf(a))[0];
}

/** Whether something in the container lives, or is held still. */
export const isUp = ({ state }: Pick<ContainerRow, 'state'>): boolean => ['running', 'paused', 'stopping'].includes(state);

const startOf = ({ startedAt }: ContainerRow): number => startedAt?.getTime() ?? 0;
