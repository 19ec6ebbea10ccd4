import { configValues, printable, redact, type ConfigValue } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import type { ConfigShowJson } from '../json/config-show-json.ts';
import type { Cell, Column } from '../output/table.ts';

const columns: readonly Column[] = [{ heading: 'KEY' }, { heading: 'VALUE', shrinksTo: 16 }, { heading: 'FROM', shrinksTo: 16 }];

/** Values of secrets are in no configuration; what looks like one all the same is not shown. */
export async function runConfigShow({ host, out }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const { files, paths } = await host();
  const values = await configValues(files, paths);
  if (json) return out.json({ values: values.map(valueJson) } satisfies ConfigShowJson);
  await out.table({ columns, rows: values.map(valueRow) });
}

function valueRow({ path, value, from }: ConfigValue): readonly Cell[] {
  const text = printable(redact(typeof value === 'string' ? value : JSON.stringify(value), []));
  const place = from === null ? '(default)' : `${printable(from.file)}:${from.line}`;
  return [printable(path.join('.')), from === null ? { text, style: 'faint' } : { text, style: 'strong' }, place];
}

function valueJson({ path, value, from }: ConfigValue): ConfigShowJson['values'][number] {
  return { path: path.join('.'), value: redactedValue(value), from: from === null ? null : { ...from } };
}

function redactedValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value, []);
  return Array.isArray(value) ? value.map(redactedValue) : value;
}
