/** The page of a file that people write, from its JSON Schema: one row per key. */
import { page, table } from './markdown.ts';

/** As much of JSON Schema as ours use. */
export type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
};

export function schemaPage(title: string, introduction: string, schema: JsonSchema): string {
  return page(title, introduction, schemaTable(schema, ['Key', 'Value', 'Default', '']));
}

/** A row per key; as many columns as there are headings. */
export function schemaTable(schema: JsonSchema, headings: readonly string[]): string {
  return table(
    headings,
    rowsOf(schema, []).map((row) => row.slice(0, headings.length)),
  );
}

function rowsOf(schema: JsonSchema, path: readonly string[]): readonly (readonly string[])[] {
  if (schema.properties !== undefined) return Object.entries(schema.properties).flatMap(([key, value]) => rowsOf(value, [...path, key]));
  if (path.length > 0 && typeof schema.additionalProperties === 'object') return rowsOf(schema.additionalProperties, [...path, 'NAME']);
  if (path.length > 0 && schema.items?.properties !== undefined) return rowsOf(schema.items, [...path.slice(0, -1), `${path.at(-1)}[]`]);
  return [
    [`\`${path.join('.')}\``, valueText(schema), 'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : '', descriptionOf(schema)],
  ];
}

export function valueText(schema: JsonSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(valueText))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.items !== undefined) return `list of ${valueText(schema.items)}`;
  if (schema.properties !== undefined) return `\`{${Object.keys(schema.properties).join(', ')}}\``;
  return [schema.type ?? 'anything'].flat().join(' or ');
}

function descriptionOf(schema: JsonSchema): string {
  return schema.description ?? (schema.anyOf ?? schema.oneOf ?? []).map(descriptionOf).find((text) => text !== '') ?? '';
}
