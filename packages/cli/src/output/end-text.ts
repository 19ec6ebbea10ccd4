/** How a task ended, in a few words: the value that `--json` and the record carry, and the exit code. */
import type { TaskEnd } from '@terok/orchestration';

export function endText({ ended, exitCode }: Pick<TaskEnd, 'ended' | 'exitCode'>): string {
  return exitCode === null ? ended : `${ended}, exit code ${exitCode}`;
}
