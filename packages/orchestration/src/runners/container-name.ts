/** What a task's container is called. */

/** All valid container mode suffixes; `web` and `toad` are read in old records and never launched. */
export const CONTAINER_MODES = ['cli', 'web', 'run', 'toad'] as const;
export type ContainerMode = (typeof CONTAINER_MODES)[number];

/** In-container mount point of the per-task agent-config directory. */
export const CONTAINER_TEROK_CONFIG = '/home/dev/.terok';

export function containerName(projectId: string, mode: string, taskId: string): string {
  return `${projectId}-${mode}-${taskId}`;
}
