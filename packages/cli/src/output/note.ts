/** What a command says beside its answer: the only way to the standard error. */
import { stripControl } from '@terok/sandbox';
import type { OutputStream } from '../world/world.ts';
import type { Paint, Style } from './colour.ts';

export interface Note {
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Of a stream that is no terminal, null. */
  columns(): number | null;
  /** One line, or several. */
  say(text: string): void;
  warn(text: string): void;
  hint(text: string): void;
  error(text: string): void;
  /** For a terminal: one line, as it is, that whatever comes next replaces. */
  passing(line: string): void;
  /** As they are: a question, or a log on its way through. */
  text(text: string): Promise<void>;
  bytes(bytes: Uint8Array): Promise<void>;
}

export function noteTo(stream: OutputStream, paint: Paint): Note {
  let passing = false;
  // Where talk cannot be written there is nobody left to tell about it.
  const write = (content: string | Uint8Array): Promise<void> => {
    const cleared = passing ? stream.write(clearLine) : Promise.resolve();
    passing = false;
    return Promise.allSettled([cleared, stream.write(content)]).then(() => undefined);
  };
  const labelled = (style: Style, label: string, text: string) => void write(`${paint(style, `${label}:`)} ${stripControl(text)}\n`);

  return {
    isTerminal: stream.isTerminal,
    paint,
    columns: () => stream.columns(),
    say: (text) => void write(`${stripControl(text)}\n`),
    warn: (text) => labelled('attention', 'warning', text),
    hint: (text) => labelled('active', 'hint', text),
    error: (text) => labelled('bad', 'error', text),
    passing(line) {
      void write(line);
      passing = true;
    },
    text: write,
    bytes: write,
  };
}

const clearLine = '\r\u001B[2K';
