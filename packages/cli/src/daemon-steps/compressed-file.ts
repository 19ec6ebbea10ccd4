/** Plain files that become compressed ones of the same name and `.gz`. */
import { pipeline, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { Files } from '@terok/sandbox';

const gzipBytes = promisify(gzip);
const flow = promisify(pipeline);

/** What is larger stays as it is: it is read whole. */
export const compressMaxBytes = 256 * 1024 * 1024;

/** The compressed file is whole and flushed before the plain one goes; cut short, it can be done again. Returns what that freed. */
export async function compressFile(files: Files, path: string): Promise<{ readonly freedBytes: number }> {
  const bytes = await files.read(path, { maxBytes: compressMaxBytes });
  if (bytes === null) return { freedBytes: 0 };
  const packed = await gzipBytes(bytes);
  await files.replace(`${path}.gz`, packed);
  await files.remove(path);
  return { freedBytes: Math.max(0, bytes.length - packed.length) };
}

/** Whether a compressed file can be read to its end. What is in it is not kept: it may be a thousand times as much. */
export async function isWholeGzip(files: Files, path: string): Promise<boolean> {
  const bytes = await files.read(path, { maxBytes: compressMaxBytes });
  if (bytes === null) return false;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return flow([bytes], createGunzip(), nowhere).then(
    () => true,
    () => false,
  );
}
