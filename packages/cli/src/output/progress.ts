/** Long work as it goes on: stages as lines; what their programs print as one passing line on a terminal, and as plain lines elsewhere. */
import type { OnProgress } from '@terok/executor';
import { printable } from '@terok/sandbox';
import type { Note } from './note.ts';
import { cutToWidth } from './text-width.ts';

const columnsByDefault = 80;

export function progressOn(note: Note): OnProgress {
  return ({ kind, text }) => {
    const line = printable(text);
    if (line === '') return;
    if (kind === 'stage') void note.text(`${note.paint('active', '•')} ${line}\n`);
    else if (note.isTerminal) note.passing(note.paint('faint', cutToWidth(`  ${line}`, (note.columns() ?? columnsByDefault) - 1)));
    else note.say(`  ${line}`);
  };
}
