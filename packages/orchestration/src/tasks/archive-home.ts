/**
 * What an agent kept in its home that tells how it worked: sessions, notes, settings of its own. Small texts only, with secrets and
 * tokens taken out; what may be a credential, and what can be had again (caches, packages), stays behind. All of it was written in a
 * container, so that nothing is followed and everything has a limit.
 */
import { join } from 'node:path';
import { tarStream, type TarMember } from '@terok/executor';
import { printable, redact, textOfRead, TerokError, type FileRead, type Files } from '@terok/sandbox';

const limits = { fileMaxBytes: 2 * 1024 * 1024, totalMaxBytes: 64 * 1024 * 1024, filesMax: 5000, foldersMax: 5000, depthMax: 16 };
const filesAtOnce = 16;

/** Folders that hold nothing of the agent's own. */
const passedOver = new Set([
  ...['.cache', '.npm', '.pnpm-store', '.yarn', '.bun', '.cargo', '.rustup', '.gradle', '.m2', '.venv', 'venv', 'go', 'node_modules'],
  ...['.terok', '.git', '.ssh', '.gnupg', '.aws', '.docker', '.kube', 'Cache', '__pycache__'],
]);
const mayBeCredential =
  /credential|token|secret|password|oauth|(?:^|[._-])(?:auth|keys?|netrc|npmrc|pypirc)(?:$|[._-])|\.(?:pem|key|p12|pfx)$|^id_/i;

/** A tar archive of it, or null when there is nothing to keep. */
export async function homeArchive(files: Files, home: string, secrets: readonly string[]): Promise<AsyncIterable<Uint8Array> | null> {
  const names = await keptNames(files, home);
  return names.length === 0 ? null : tarStream(members(files, { home, names, secrets }));
}

/** Paths in the home, in the order of their names. */
async function keptNames(files: Files, home: string): Promise<readonly string[]> {
  const names: string[] = [];
  const folders = [''];
  for (let visited = 0; visited < folders.length && names.length < limits.filesMax; visited++) {
    const folder = folders[visited] ?? '';
    const entries = (await listed(files, join(home, folder))).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, kind } of entries) {
      // A name that a terminal would not show as it is, or that is no text, is none an agent gives to its sessions.
      if (printable(name) !== name || name.includes('\ufffd')) continue;
      const path = join(folder, name);
      const deeper = folders.length < limits.foldersMax && path.split('/').length < limits.depthMax;
      if (kind === 'directory' && deeper && !passedOver.has(name)) folders.push(path);
      if (kind === 'file' && !mayBeCredential.test(name)) names.push(path);
    }
  }
  return names.slice(0, limits.filesMax);
}

/** A folder that cannot be read has nothing to keep. */
async function listed(files: Files, directory: string): ReturnType<Files['list']> {
  try {
    return await files.list(directory);
  } catch (error) {
    if (error instanceof TerokError) return [];
    throw error;
  }
}

type Kept = { readonly home: string; readonly names: readonly string[]; readonly secrets: readonly string[] };

async function* members(files: Files, { home, names, secrets }: Kept): AsyncGenerator<TarMember> {
  let leftBytes = limits.totalMaxBytes;
  for (let start = 0; start < names.length && leftBytes > 0; start += filesAtOnce) {
    const some = names.slice(start, start + filesAtOnce);
    const reads = await files.readMany(
      some.map((name) => join(home, name)),
      { maxBytes: limits.fileMaxBytes },
    );
    for (const [index, name] of some.entries()) {
      const text = textOrNothing(reads[index], name);
      if (text === null || text.length > leftBytes) continue;
      const content = new TextEncoder().encode(redact(text, secrets));
      leftBytes -= content.length;
      yield { name, content, mode: 0o600 };
    }
  }
}

/** Null for what is too large, no regular file any more, or no text: secrets are only found in text. */
function textOrNothing(read: FileRead | undefined, path: string): string | null {
  try {
    return read === undefined ? null : textOfRead(read, path);
  } catch (error) {
    if (error instanceof TerokError) return null;
    throw error;
  }
}
