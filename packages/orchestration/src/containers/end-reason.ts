/** How a run ended: what podman says of its container, joined with what was asked of it. Pure. */
import { prepareFailedExitCode, type ContainerRow } from '@terok/executor';
import { taskState } from '../task-state.ts';
import type { EndReason, TaskRecord } from '../tasks/meta-record.ts';

type EndedRow = Pick<ContainerRow, 'exitCode' | 'startedAt' | 'finishedAt'>;

/** Signals that a time limit ends a program with: its own code, SIGKILL and SIGTERM. */
const timeLimitExitCodes = [124, 137, 143];

/** `prepared`: the workspace was made ready, so that the agent really began. */
export function endOf(record: TaskRecord, row: EndedRow, prepared: boolean): EndReason {
  const { interrupted, stopRequested } = taskState({ ...record, ended: null }, { containerState: 'exited' });
  if (interrupted) return 'interrupted';
  if (stopRequested) return 'stopped';
  if (!prepared && row.exitCode === prepareFailedExitCode) return 'terok_error';
  if (ranForItsLimit(record, row) && timeLimitExitCodes.includes(row.exitCode ?? -1)) return 'time_limit';
  return 'agent';
}

/** podman's times are whole seconds, so a run may look one shorter than it was. */
function ranForItsLimit({ time_limit_s: limit }: TaskRecord, { startedAt, finishedAt }: EndedRow): boolean {
  if (typeof limit !== 'number' || limit <= 0 || startedAt === null || finishedAt === null) return false;
  return (finishedAt.getTime() - startedAt.getTime()) / 1000 >= limit - 1;
}
