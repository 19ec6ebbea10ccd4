/** The two halves of a task's record as text: the dossier, which others read, as JSON, and all the rest as YAML. */
import { parsePlainYaml, printPlainYaml } from '../plain-yaml.ts';
import { isMapping, type TaskRecord } from './meta-record.ts';

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

/** An empty document is an empty half. */
export function parseBookkeeping(text: string): Half {
  const parsed = parsePlainYaml(text);
  if ('reason' in parsed) return parsed;
  if (parsed.value === null) return { keys: {} };
  return isMapping(parsed.value) ? { keys: parsed.value } : { reason: 'it is not a YAML mapping' };
}

export function printDossier(record: TaskRecord): string {
  const triple = dossierKeys.flatMap(([wire, key]) => (record[key] ? [[wire, record[key]]] : []));
  return `${JSON.stringify(Object.fromEntries(triple), undefined, 2)}\n`;
}

export function printBookkeeping(record: TaskRecord): string {
  const { project_id: _project, task_id: _task, name: _name, ...rest } = record;
  return printPlainYaml(rest);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
