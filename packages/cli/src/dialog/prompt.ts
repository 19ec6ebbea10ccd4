/** The prompt of a task: from the command line, a file or the standard input, bounded and UTF-8; whether it says anything is asked later. */
import { printable, TerokError } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { World } from '../world/world.ts';

export const promptMaxBytes = 1024 * 1024;

export type PromptSource = { readonly prompt?: string | undefined; readonly promptFile?: string | undefined };

export async function readPrompt({ prompt, promptFile }: PromptSource, world: Pick<World, 'readFile' | 'stdin'>): Promise<string> {
  if (prompt !== undefined && promptFile !== undefined) throw cliErrors.PROMPT_GIVEN_TWICE({});
  if (prompt !== undefined) return prompt;
  if (promptFile === undefined) throw cliErrors.PROMPT_MISSING({});
  if (promptFile === '-') return decoded(await bounded(world.stdin.chunks(), 'the standard input'), 'the standard input');

  const source = `\`${printable(promptFile)}\``;
  return decoded(await bounded(world.readFile(promptFile), source).catch((error: unknown) => rethrowReadable(promptFile, error)), source);
}

async function bounded(chunks: AsyncIterable<Uint8Array>, source: string): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > promptMaxBytes) throw cliErrors.PROMPT_FILE_TOO_LARGE({ source, maxBytes: promptMaxBytes });
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}

function decoded(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw cliErrors.PROMPT_NOT_UTF8({ source }, error);
  }
}

function rethrowReadable(path: string, error: unknown): never {
  if (error instanceof TerokError) throw error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  if (code === 'ENOENT' || code === 'ENOTDIR') throw cliErrors.PROMPT_FILE_MISSING({ path: printable(path) }, error);
  throw cliErrors.PROMPT_FILE_UNREADABLE({ path: printable(path), reason: readReasons[code] ?? code }, error);
}

const readReasons: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links go in a circle',
};
