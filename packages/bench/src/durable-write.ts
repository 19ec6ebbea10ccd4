/** A durable write, against nothing but its two fsyncs. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFiles, nodeSyncFiles } from '@terok/sandbox';
import type { Figure } from './figure.ts';
import { mediansMs } from './measure.ts';

const text = 'x'.repeat(4096);

export async function durableWriteFigures(directory: string): Promise<readonly Figure[]> {
  const [path, temporary] = [join(directory, 'file'), join(directory, 'file.new')];
  const taken = await mediansMs(500, {
    terok: () => nodeFiles.replace(path, text),
    byHand: async () => {
      await writeByHand(temporary);
      await rename(temporary, path);
      await using place = await open(directory, 'r');
      await place.sync();
    },
    terokSync: () => nodeSyncFiles.replace(path, text),
    byHandSync: () => {
      syncAndClose(openSync(temporary, 'w', 0o600), text);
      renameSync(temporary, path);
      syncAndClose(openSync(directory, 'r'));
    },
  });
  const figure = (name: string, ms: number, againstMs: number): Figure => ({
    name,
    against: 'its two fsyncs by hand',
    ms,
    againstMs,
    limit: 'at most 1.3 ×',
    within: ms <= 1.3 * againstMs,
  });
  return [figure('durable write', taken.terok, taken.byHand), figure('durable write, synchronous', taken.terokSync, taken.byHandSync)];
}

async function writeByHand(path: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
}

function syncAndClose(file: number, content?: string): void {
  if (content !== undefined) writeSync(file, content);
  fsyncSync(file);
  closeSync(file);
}
