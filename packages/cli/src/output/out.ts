/** What a command answers: the only way to the standard output. Text from outside goes through `printable` or `stripControl` first. */
import type { OutputStream } from '../world/world.ts';
import type { Paint } from './colour.ts';
import type { Table } from './table.ts';

export interface Out {
  readonly isTerminal: boolean;
  readonly paint: Paint;
  line(text: string): Promise<void>;
  /** Text that brings its own line ends. */
  text(text: string): Promise<void>;
  table(table: Table): Promise<void>;
  /** One document, indented, with a final newline. */
  json(value: unknown): Promise<void>;
  /** As they are. */
  bytes(bytes: Uint8Array): Promise<void>;
}

export function outTo(stream: OutputStream, paint: Paint): Out {
  return {
    isTerminal: stream.isTerminal,
    paint,
    line: (text) => stream.write(`${text}\n`),
    text: (text) => stream.write(text),
    async table(table) {
      const { formatTable } = await import('./table.ts');
      await stream.write(await formatTable(table, { width: stream.columns(), paint }));
    },
    json: (value) => stream.write(`${jsonText(value)}\n`),
    bytes: (bytes) => stream.write(bytes),
  };
}

/** The same document for every reader, without a character that a terminal would obey or that would hide another. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const unseen = /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
