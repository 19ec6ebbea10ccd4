import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { textOfRead } from './durable-file.ts';
import { readMany } from './node-read-many.ts';

test('others get the thread while many files are read', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'terok-read-many-'));
  try {
    const path = join(directory, 'file');
    await writeFile(path, 'x'.repeat(64 * 1024));
    let turns = 0;
    let reading = true;
    const others = (function again(): void {
      if (!reading) return;
      turns++;
      setImmediate(again);
    })();
    const reads = await readMany(
      Array.from({ length: 5000 }, () => path),
      { maxBytes: 1024 * 1024 },
    );
    reading = false;
    expect(others).toBeUndefined();
    expect(turns).toBeGreaterThan(2);
    expect(reads.every((read) => textOfRead(read, path)?.length === 64 * 1024)).toBe(true);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a pipe is not waited for, a dangling link is a link, and bytes that are no UTF-8 are refused as text', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'terok-read-many-'));
  try {
    const path = (name: string) => join(directory, name);
    execFileSync('mkfifo', [path('pipe')]);
    await symlink(path('nowhere'), path('link'));
    await writeFile(path('latin'), Buffer.from([0x66, 0xfc, 0x72]));
    const [pipe, link, latin] = await readMany(['pipe', 'link', 'latin'].map(path), { maxBytes: 100 });
    expect(pipe).toMatchObject({ failure: { code: 'FILE_NOT_REGULAR' } });
    expect(link).toMatchObject({ failure: { code: 'FILE_IS_LINK' } });
    expect(() => textOfRead(latin!, path('latin'))).toThrow(expect.objectContaining({ code: 'FILE_NOT_UTF8' }));
    expect(() => textOfRead(link!, path('link'))).toThrow(expect.objectContaining({ code: 'FILE_IS_LINK' }));
  } finally {
    await rm(directory, { recursive: true });
  }
});
