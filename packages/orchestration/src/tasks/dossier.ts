/** The half of a task's record that others read, as text: project, task and name, as JSON. */
import { isMapping } from './mapping.ts';
import type { TaskRecord } from './meta-record.ts';

export type Half = { readonly keys: Readonly<Record<string, unknown>> } | { readonly reason: string };

/** The record's name for each key of a dossier. */
const dossierKeys = [
  ['project', 'project_id'],
  ['task', 'task_id'],
  ['name', 'name'],
] as const;

/** Keys that a dossier does not have are ignored; no text at all is an empty one. */
export function parseDossier(text: string): Half {
  if (text.trim() === '') return { keys: {} };
  const parsed = parseJson(text);
  if (!isMapping(parsed)) return { reason: 'it is not a JSON object' };
  return { keys: Object.fromEntries(dossierKeys.flatMap(([wire, key]) => (Object.hasOwn(parsed, wire) ? [[key, parsed[wire]]] : []))) };
}

export function printDossier(record: TaskRecord): string {
  const triple = dossierKeys.flatMap(([wire, key]) => (record[key] ? [[wire, record[key]]] : []));
  return `${JSON.stringify(Object.fromEntries(triple), undefined, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
