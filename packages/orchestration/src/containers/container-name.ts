/** Names and modes of containers. */
import { labelNames } from '@terok/executor';

/** All valid container mode suffixes; `web` and `toad` are read in old records and never launched. */
export const CONTAINER_MODES = ['cli', 'web', 'run', 'toad'] as const;
export type ContainerMode = (typeof CONTAINER_MODES)[number];

/** The mode of containers that look at a workspace and go away: never a task's own. */
export const throwawayMode = 'once';

/** Whether a container of ours is a task's and not one that only looks at its workspace. */
export const isTaskContainer = (labels: Readonly<Record<string, string>>): boolean => labels[labelNames.mode] !== throwawayMode;

/** In-container mount point of the per-task agent-config directory. */
export const CONTAINER_TEROK_CONFIG = '/home/dev/.terok';

/**
 * What a task's container is called. When somebody else has that name already, a launch appends the first characters of the
 * installation's id and writes the name into the record.
 */
export function containerName(projectId: string, mode: string, taskId: string): string {
  return `${projectId}-${mode}-${taskId}`;
}

type Named = { readonly container_name?: string | null; readonly mode?: string | null };

/** The name under which the record's container was made; null for a task that was never launched. */
export function recordedContainerName(projectId: string, taskId: string, { container_name: given, mode }: Named): string | null {
  return given ?? (typeof mode === 'string' ? containerName(projectId, mode, taskId) : null);
}
