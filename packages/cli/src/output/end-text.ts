/** How a task ended, in one line. */
import type { TaskEnd } from '@terok/orchestration';
import { printable } from '@terok/sandbox';

const words: Readonly<Record<TaskEnd['ended'], string>> = {
  agent: 'agent',
  time_limit: 'time_limit (its time was up)',
  stopped: 'stopped',
  interrupted: 'interrupted',
  terok_error: 'terok_error (not by the agent)',
};

export function endText({ ended, exitCode, error }: TaskEnd): string {
  return [words[ended], ...(exitCode === null ? [] : [`exit code ${exitCode}`]), ...(error === null ? [] : [printable(error)])].join(', ');
}
