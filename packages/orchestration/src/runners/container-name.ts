/** Names of containers. */
import { textAt, type TaskRecord } from '../tasks/meta.ts';

/** All valid container mode suffixes; `web` and `toad` are read in old records and never launched. */
export const CONTAINER_MODES = ['cli', 'web', 'run', 'toad'] as const;
export type ContainerMode = (typeof CONTAINER_MODES)[number];

/** In-container mount point of the per-task agent-config directory. */
export const CONTAINER_TEROK_CONFIG = '/home/dev/.terok';

/**
 * What a task's container is called. When somebody else has that name already, a launch appends the first characters of the
 * installation's id and writes the name into the record.
 */
export function containerName(projectId: string, mode: string, taskId: string): string {
  return `${projectId}-${mode}-${taskId}`;
}

/** The name under which the record's container was made; null for a task that was never launched. */
export function recordedContainerName(projectId: string, taskId: string, record: TaskRecord): string | null {
  return textAt(record, 'container_name') ?? (typeof record.mode === 'string' ? containerName(projectId, record.mode, taskId) : null);
}
