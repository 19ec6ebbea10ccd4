/** Whatever is done in whatever order, the disk in memory answers as the real one does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Files } from './host.ts';
import { nodeFiles } from './node-files.ts';
import { TerokError } from './terok-error.ts';
import { memoryFiles } from './testing/memory-files.ts';

type Act = { readonly does: string; readonly on: (files: Files, root: string) => Promise<unknown> };

const name = fc.constantFrom('a', 'b', 'a/x', 'a/y', 'b/x', 'a/x/deep');
const text = fc.constantFrom('', 'one', 'two\n', 'torn');
const mode = fc.constantFrom(0o600, 0o644, 0o640);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(name, text, mode).map(([path, content, bits]) => ({
    does: `replace ${path}`,
    on: (files: Files, root: string) => files.replace(join(root, path), content, { mode: bits }),
  })),
  fc
    .tuple(name, text)
    .map(([path, line]) => ({ does: `append ${path}`, on: (files: Files, root: string) => files.append(join(root, path), line.trim()) })),
  name.map((path) => ({ does: `remove ${path}`, on: (files: Files, root: string) => files.remove(join(root, path)) })),
  name.map((path) => ({ does: `remove tree ${path}`, on: (files: Files, root: string) => files.removeTree(join(root, path)) })),
  name.map((path) => ({ does: `create ${path}`, on: (files: Files, root: string) => files.createDirectory(join(root, path)) })),
  name.map((path) => ({
    does: `ensure ${path}`,
    on: (files: Files, root: string) => files.ensureDirectory(join(root, path), { mode: 0o750 }),
  })),
  fc.tuple(name, name).map(([from, to]) => ({
    does: `move ${from} to ${to}`,
    on: (files: Files, root: string) => files.rename(join(root, from), join(root, to)),
  })),
  name.map((path) => ({ does: `read ${path}`, on: (files: Files, root: string) => files.read(join(root, path), { maxBytes: 6 }) })),
  name.map((path) => ({ does: `list ${path}`, on: (files: Files, root: string) => files.list(join(root, path)) })),
);

test('memory and disk never differ', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
      const real = await mkdtemp(join(tmpdir(), 'terok-model-'));
      const memory = memoryFiles({ '/base/.keep': '' });
      try {
        await nodeFiles.replace(join(real, '.keep'), '');
        for (const { does, on } of acts) {
          const onDisk = await outcome(() => on(nodeFiles, real));
          expect({ does, answer: await outcome(() => on(memory, '/base')) }).toEqual({ does, answer: onDisk });
        }
        expect(await everything(memory, '/base')).toEqual(await everything(nodeFiles, real));
      } finally {
        await rm(real, { recursive: true });
      }
    }),
    { numRuns: 150 },
  );
});

/** What it answers, or the code of what it fails with. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    const answer = await work();
    if (answer instanceof Uint8Array) return Buffer.from(answer).toString();
    return Array.isArray(answer) ? new Set(answer.map((each) => JSON.stringify(each))) : answer;
  } catch (error) {
    if (error instanceof TerokError) return error.code;
    throw error;
  }
}

async function everything(files: Files, root: string, below = ''): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name: each } of await files.list(join(root, below))) {
    const path = join(below, each);
    const facts = await files.stat(join(root, path));
    const directory = facts?.kind === 'directory';
    found[path] = {
      kind: facts?.kind,
      mode: facts?.mode,
      text: directory ? null : await outcome(() => files.read(join(root, path), { maxBytes: 1000 })),
    };
    if (directory) Object.assign(found, await everything(files, root, path));
  }
  return found;
}
