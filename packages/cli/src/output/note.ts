/** What a command says beside its answer: the only way to the standard error. */
import type { OnProgress, Progress } from '@terok/executor';
import { printable, stripControl } from '@terok/sandbox';
import type { OutputStream } from '../world.ts';
import type { Paint, Style } from './colour.ts';
import { cutToWidth } from './table.ts';

export interface Note {
  readonly isTerminal: boolean;
  /** One line, or several. */
  say(text: string): void;
  warn(text: string): void;
  hint(text: string): void;
  error(text: string): void;
  /** Stages as lines; what a stage's programs print as one line that is redrawn on a terminal, and as plain lines elsewhere. */
  readonly progress: OnProgress;
  /** As they are: a question, or a log on its way through. */
  text(text: string): Promise<void>;
  bytes(bytes: Uint8Array): Promise<void>;
}

export function noteTo(stream: OutputStream, paint: Paint): Note {
  let transient = false;
  const write = (content: string | Uint8Array): Promise<void> => {
    if (transient) void stream.write(clearLine);
    transient = false;
    return stream.write(content);
  };
  const labelled = (style: Style, label: string, text: string) => void write(`${paint(style, `${label}:`)} ${stripControl(text)}\n`);

  const progress = ({ kind, text }: Progress) => {
    const line = printable(text).trimEnd();
    if (kind === 'stage') return void write(`${paint('active', '•')} ${line}\n`);
    if (line === '') return;
    if (!stream.isTerminal) return void write(`  ${line}\n`);
    void stream.write(`${clearLine}${paint('faint', cutToWidth(`  ${line}`, (stream.columns() ?? 80) - 1))}`);
    transient = true;
  };

  return {
    isTerminal: stream.isTerminal,
    say: (text) => void write(`${stripControl(text)}\n`),
    warn: (text) => labelled('attention', 'warning', text),
    hint: (text) => labelled('active', 'hint', text),
    error: (text) => labelled('bad', 'error', text),
    progress,
    text: write,
    bytes: write,
  };
}

const clearLine = '\r\u001B[2K';
