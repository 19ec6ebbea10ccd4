/** What a command answers: the only way to the standard output. Text from outside goes through `printable` or `stripControl` first. */
import type { OutputStream } from '../world.ts';
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
      await stream.write(formatTable(table, { width: stream.columns(), paint }));
    },
    json: (value) => stream.write(`${JSON.stringify(value, undefined, 2)}\n`),
    bytes: (bytes) => stream.write(bytes),
  };
}
