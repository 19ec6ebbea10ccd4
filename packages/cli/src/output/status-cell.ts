/** A task's status, coloured by what it asks of the person. */
import type { EffectiveStatus } from '@terok/orchestration';
import type { Style } from './colour.ts';
import type { Cell } from './table.ts';

const styles: Readonly<Record<EffectiveStatus, Style>> = {
  created: 'faint',
  starting: 'active',
  init: 'active',
  running: 'active',
  paused: 'attention',
  completed: 'good',
  failed: 'bad',
  stopped: 'attention',
  interrupted: 'attention',
  timed_out: 'bad',
  'not found': 'attention',
  deleting: 'faint',
  damaged: 'bad',
  unknown: 'attention',
};

export const statusCell = (status: EffectiveStatus): Cell => ({ text: statusWord(status), style: styles[status] });

/** As people read it. */
export const statusWord = (status: string): string => status.replaceAll('_', ' ');
