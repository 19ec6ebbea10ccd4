/**
 * What an agent says it is doing: `work-status.yml`, written inside of the container into a directory that the host shares with it.
 * The file is as trustworthy as the agent, so nothing in it can do more than show one known word and one line of text.
 */
import { printable, TerokError, textOfRead, type FileRead, type Files } from '@terok/sandbox';
import { parsePlainYaml } from './plain-yaml.ts';
import { isMapping } from './tasks/mapping.ts';

export const workPhases = ['planning', 'coding', 'testing', 'debugging', 'reviewing', 'documenting', 'done', 'blocked', 'error'] as const;
export type WorkPhase = (typeof workPhases)[number];

/** `message` is one line without control characters. */
export type WorkStatus = { readonly status: WorkPhase | null; readonly message: string | null };

const fileName = 'work-status.yml';
const fileMaxBytes = 16 * 1024;
const messageMaxCharacters = 500;
const nothing: WorkStatus = { status: null, message: null };

/** What the file in a task's agent-config directory says; nothing when it is missing, no regular file, too large, or makes no sense. */
export async function readWorkStatus(files: Files, agentConfigDirectory: string): Promise<WorkStatus> {
  const [status] = await readWorkStatuses(files, [agentConfigDirectory]);
  return status ?? nothing;
}

/** As `readWorkStatus`, for many tasks at once, in their order. */
export async function readWorkStatuses(files: Files, agentConfigDirectories: readonly string[]): Promise<readonly WorkStatus[]> {
  const paths = agentConfigDirectories.map((directory) => `${directory}/${fileName}`);
  const reads = await files.readMany(paths, { maxBytes: fileMaxBytes });
  return reads.map((read, index) => {
    const text = textOf(read, paths[index] ?? '');
    return text === null ? nothing : parseWorkStatus(text);
  });
}

/** A mapping with `status` and `message`, or the bare word of a phase. What is misspelt or misshapen is left out. */
export function parseWorkStatus(text: string): WorkStatus {
  const parsed = parsePlainYaml(text);
  if ('reason' in parsed) return nothing;
  if (!isMapping(parsed.value)) return { ...nothing, status: phaseOf(parsed.value) };
  return { status: phaseOf(ownValue(parsed.value, 'status')), message: messageOf(ownValue(parsed.value, 'message')) };
}

function textOf(read: FileRead, path: string): string | null {
  try {
    return textOfRead(read, path);
  } catch (error) {
    if (error instanceof TerokError) return null;
    throw error;
  }
}

function phaseOf(value: unknown): WorkPhase | null {
  return workPhases.find((phase) => phase === value) ?? null;
}

function messageOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const line = Array.from(printable(value)).slice(0, messageMaxCharacters).join('');
  return line === '' ? null : line;
}

function ownValue(mapping: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}
