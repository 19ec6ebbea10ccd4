/** The page of what commands print with `--json`: a row per key, and the schema to check it with. */
import { page } from './markdown.ts';
import { schemaTable, type JsonSchema } from './schema-reference.ts';

export type JsonOutput = {
  /** As a person types it, `terok` first. */
  readonly words: string;
  /** Where its schema is, from this page. */
  readonly file: string;
  readonly schema: JsonSchema;
};

export function jsonPage(outputs: readonly JsonOutput[]): string {
  return page(
    'What --json prints',
    "One JSON document on the standard output; `terok daemon logs` prints one object per line. Keys are added and never given another meaning: read those that you know. Moments are ISO 8601 with an offset; a unit is part of a key's name.",
    ...outputs.map(({ words, file, schema }) => `## ${words}\n\n${schemaTable(schema, ['Key', 'Value'])}\n\n[JSON Schema](${file})`),
  );
}
