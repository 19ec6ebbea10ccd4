/** What comes out of a container, put on the host's disk: only files and folders, only below the one folder that was named, and not without bound. */
import { basename, join } from 'node:path';
import { printable, type Files } from '@terok/sandbox';
import { executorErrors } from './errors.ts';
import type { CopyOptions, CopyOutResult } from './runtime.ts';
import type { TarMember } from './tar.ts';
import type { TarEntry } from './tar-entries.ts';

const bytesMaxDefault = 1024 ** 3;
const entriesMax = 100_000;

type Host = Pick<Files, 'createDirectory' | 'list' | 'read' | 'remove' | 'removeTree' | 'replace' | 'stat'>;

/**
 * Writes the one file or folder that an archive holds into `directory`, under the name of `source`. Nothing that is there is
 * overwritten or written through: every folder on the way to a file was made here. Links, pipes and devices are left out and named.
 * What was begun is taken away again when the archive is refused (COPY_REFUSED).
 */
export async function receiveTree(
  entries: AsyncIterable<TarEntry>,
  { files, source, directory, bytesMax = bytesMaxDefault }: { files: Host; source: string; directory: string } & CopyOptions,
): Promise<CopyOutResult> {
  const refuse = (reason: string) => executorErrors.COPY_REFUSED({ source: printable(source), reason });
  const name = basename(source);
  const top = join(directory, name);
  if ((await files.stat(directory))?.kind !== 'directory') throw refuse(`\`${directory}\` is no folder`);
  if ((await files.stat(top)) !== null) throw refuse(`\`${top}\` is there already`);

  const leftOut: string[] = [];
  const made = new Map<string, 'file' | 'directory'>();
  let [bytes, count] = [0, 0];
  try {
    for await (const entry of entries) {
      if (++count > entriesMax) throw refuse(`it holds more than ${entriesMax} files`);
      bytes += entry.sizeBytes;
      if (bytes > bytesMax) throw refuse(`it is larger than ${bytesMax} bytes`);
      const path = pathBelow(entry.path, name);
      if (path === null) throw refuse('a name in the archive leads out of it');
      if (/[\u0000-\u001f\u007f]/.test(path)) {
        leftOut.push(printable(path));
        continue;
      }
      if (made.has(path) || !isBelowMade(path, made)) throw refuse('a name in the archive is there twice');

      const linked = entry.kind === 'hard_link' ? (pathBelow(entry.linkTarget, name) ?? '') : '';
      if (entry.kind === 'directory') await files.createDirectory(join(directory, path), { mode: (entry.mode & 0o777) | 0o700 });
      else if (entry.kind === 'file') await files.replace(join(directory, path), entry.content, { mode: modeOf(entry) });
      else if (made.get(linked) === 'file') {
        const content = (await files.read(join(directory, linked), { maxBytes: bytesMax })) ?? new Uint8Array();
        bytes += content.length;
        if (bytes > bytesMax) throw refuse(`it is larger than ${bytesMax} bytes`);
        await files.replace(join(directory, path), content, { mode: modeOf(entry) });
      } else {
        leftOut.push(printable(path));
        continue;
      }
      made.set(path, entry.kind === 'directory' ? 'directory' : 'file');
    }
    if (count === 0) throw refuse('the archive is empty');
    return { leftOut };
  } catch (error) {
    if (made.get(name) === 'directory') await files.removeTree(top);
    else if (made.has(name)) await files.remove(top);
    throw error;
  }
}

/** Read and written by its owner at least, and no more than a mode: nothing that runs as somebody else. */
const modeOf = ({ mode }: TarEntry): number => (mode & 0o777) | 0o600;

/** The path under the name that the copy is to have; null when it is none that stays below it. */
function pathBelow(path: string, name: string): string | null {
  const [, ...rest] = path.replace(/\/$/, '').split('/');
  const plain = (segment: string) => segment !== '' && segment !== '.' && segment !== '..';
  return path.startsWith('/') || path === '' || path.startsWith('../') || path === '..' || !rest.every(plain)
    ? null
    : [name, ...rest].join('/');
}

function isBelowMade(path: string, made: ReadonlyMap<string, 'file' | 'directory'>): boolean {
  const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  return parent === '' || made.get(parent) === 'directory';
}

/** A file or a folder of the host as members of an archive, under its own name. What is neither is refused (COPY_REFUSED). */
export async function* sentTree(files: Host, path: string, name = basename(path)): AsyncGenerator<TarMember> {
  const found = await files.stat(path);
  const refuse = (reason: string) => executorErrors.COPY_REFUSED({ source: printable(path), reason });
  if (found === null) throw refuse('it is not there');
  if (found.kind === 'file') {
    const content = await files.read(path, { maxBytes: bytesMaxDefault });
    if (content === null) throw refuse('it is not there any more');
    yield { name, content, mode: found.mode };
    return;
  }
  if (found.kind !== 'directory') throw refuse('it is neither a file nor a folder');
  yield { name, directory: true, mode: found.mode };
  const entries = await files.list(path);
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    yield* sentTree(files, join(path, entry.name), `${name}/${entry.name}`);
}

/** Throws COPY_REFUSED for what is no path in a container with a name of its own at its end. */
export function checkedContainerPath(path: string): string {
  const segments = path.split('/').slice(1);
  const plain = segments.length > 0 && segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!path.startsWith('/') || !plain || /[\u0000-\u001f\u007f]/.test(path))
    throw executorErrors.COPY_REFUSED({ source: printable(path), reason: 'it is no absolute path in a container' });
  return path;
}
