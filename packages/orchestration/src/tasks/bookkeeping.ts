/** The bookkeeping half of a task's record as text: all that is not in the dossier, as YAML. */
import { parseFlatYaml } from '../flat-yaml.ts';
import { parsePlainYaml, printPlainYaml } from '../plain-yaml.ts';
import type { Half } from './dossier.ts';
import { isMapping } from './mapping.ts';
import type { TaskRecord } from './meta-record.ts';

/** An empty document is an empty half. */
export function parseBookkeeping(text: string): Half {
  const flat = parseFlatYaml(text);
  if (flat !== null) return { keys: flat };
  const parsed = parsePlainYaml(text);
  if ('reason' in parsed) return parsed;
  if (parsed.value === null) return { keys: {} };
  return isMapping(parsed.value) ? { keys: parsed.value } : { reason: 'it is not a YAML mapping' };
}

export function printBookkeeping(record: TaskRecord): string {
  const { project_id: _project, task_id: _task, name: _name, ...rest } = record;
  return printPlainYaml(rest);
}
