import { TerokError } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedContainerPath, receiveTree, sentTree } from './copied-tree.ts';
import type { TarEntry } from './tar-entries.ts';

type Given = Partial<Omit<TarEntry, 'content'>> & { readonly text?: string };

async function* entries(given: readonly Given[]): AsyncGenerator<TarEntry> {
  for (const { text = '', ...facts } of given) {
    const bytes = new TextEncoder().encode(text);
    const content = (async function* whole() {
      yield bytes;
    })();
    yield { path: 'seed', kind: 'file', mode: 0o644, sizeBytes: bytes.length, linkTarget: '', ...facts, content };
  }
}

async function world() {
  const files = memoryFiles({ '/etc/passwd': 'root', '/host/mine': 'mine' });
  const receive = (given: readonly Given[], bytesMax = 1000) =>
    receiveTree(entries(given), { files, source: '/workspace/seed', directory: '/host', bytesMax });
  return { files, receive };
}

const folder = { path: 'seed', kind: 'directory', mode: 0o755 } as const;

test('files and folders come below the folder, under the name that was asked for', async () => {
  const { files, receive } = await world();
  expect(
    await receive([
      { ...folder, path: 'other/' },
      { path: 'other/file', text: 'x', mode: 0o4755 },
    ]),
  ).toEqual({ leftOut: [] });
  expect(files.text('/host/seed/file')).toBe('x');
  expect((await files.stat('/host/seed/file'))?.mode).toBe(0o755);
});

test('another name of a file becomes a file of its own, and one of something else is left out', async () => {
  const { files, receive } = await world();
  const { leftOut } = await receive([
    folder,
    { path: 'seed/file', text: 'x' },
    { path: 'seed/twin', kind: 'hard_link', linkTarget: 'seed/file' },
    { path: 'seed/stolen', kind: 'hard_link', linkTarget: '/etc/passwd' },
    { path: 'seed/stolen2', kind: 'hard_link', linkTarget: 'seed/../../etc/passwd' },
    { path: 'seed/folder', kind: 'hard_link', linkTarget: 'seed' },
  ]);
  expect(files.text('/host/seed/twin')).toBe('x');
  expect(leftOut).toEqual(['seed/stolen', 'seed/stolen2', 'seed/folder']);
});

test.each<{ what: string; given: readonly Given[] }>([
  { what: 'an absolute name', given: [folder, { path: '/etc/passwd', text: 'x' }] },
  { what: 'a name that goes up', given: [folder, { path: 'seed/../../etc/passwd', text: 'x' }] },
  { what: 'a name that begins above', given: [{ path: '../seed', text: 'x' }] },
  { what: 'a name of nothing', given: [{ path: '', text: 'x' }] },
  { what: 'a name with an empty part', given: [folder, { path: 'seed//file', text: 'x' }] },
  { what: 'a file in a folder that was not made', given: [folder, { path: 'seed/none/file', text: 'x' }] },
  { what: 'a file in a file', given: [folder, { path: 'seed/a', text: 'x' }, { path: 'seed/a/b', text: 'x' }] },
  {
    what: 'a file in a link',
    given: [folder, { path: 'seed/etc', kind: 'other', linkTarget: '/etc' }, { path: 'seed/etc/passwd', text: 'x' }],
  },
  { what: 'two files of one name', given: [folder, { path: 'seed/a', text: 'x' }, { path: 'seed/a', text: 'y' }] },
  { what: 'a folder that is a file already', given: [folder, { path: 'seed/a', text: 'x' }, { path: 'seed/a', kind: 'directory' }] },
  { what: 'more than may be', given: [folder, { path: 'seed/a', text: 'x'.repeat(600) }, { path: 'seed/b', text: 'x'.repeat(600) }] },
  { what: 'a size that is no truth', given: [folder, { path: 'seed/a', sizeBytes: 10 ** 15 }] },
  {
    what: 'a file that is many times there',
    given: [folder, { path: 'seed/a', text: 'x'.repeat(600) }, { path: 'seed/b', kind: 'hard_link', linkTarget: 'seed/a' }],
  },
  { what: 'nothing at all', given: [] },
])('$what is refused, and nothing of it is left', async ({ given }) => {
  const { files, receive } = await world();
  await expect(receive(given)).rejects.toMatchObject({ code: 'COPY_REFUSED' });
  expect(files.paths()).toEqual(['/etc/passwd', '/host/mine']);
  expect(files.text('/etc/passwd')).toBe('root');
});

test('a stream that breaks leaves nothing', async () => {
  const { files } = await world();
  async function* broken() {
    yield* entries([folder, { path: 'seed/a', text: 'x' }]);
    throw new Error('cut');
  }
  await expect(receiveTree(broken(), { files, source: '/workspace/seed', directory: '/host' })).rejects.toThrow('cut');
  expect(files.paths()).toEqual(['/etc/passwd', '/host/mine']);
});

test('what is there is not written over, through a link neither', async () => {
  const { files } = await world();
  files.link('/etc', '/host/seed');
  const copy = (directory: string) =>
    receiveTree(entries([folder, { path: 'seed/passwd', text: 'x' }]), { files, source: '/workspace/seed', directory });
  await expect(copy('/host')).rejects.toMatchObject({ code: 'COPY_REFUSED' });
  await expect(copy('/host/seed')).rejects.toMatchObject({ code: 'COPY_REFUSED' });
  await expect(copy('/host/mine')).rejects.toMatchObject({ code: 'COPY_REFUSED' });
  expect(files.text('/etc/passwd')).toBe('root');
});

test('no archive writes outside of its folder', async () => {
  const part = fc.constantFrom('seed', '..', '.', '', 'a', 'b', '/', '/etc/passwd', 'mine', 'a\nb', '\u0000');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const usual = fc.constantFrom('seed/a', 'seed/b', 'seed/a/b', 'seed/mine');
  const entry = fc.record({
    path: fc.oneof(usual, usual, path),
    kind: fc.constantFrom<TarEntry['kind']>('file', 'directory', 'hard_link', 'other'),
    linkTarget: fc.oneof(usual, path),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    text: fc.string({ maxLength: 20 }),
  });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 5 }), async (given) => {
      const { files, receive } = await world();
      const left = await receive([folder, ...given]).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(TerokError);
          return false;
        },
      );
      taken += left ? 1 : 0;
      expect([files.text('/etc/passwd'), files.text('/host/mine')]).toEqual(['root', 'mine']);
      const others = files.paths().filter((written) => written !== '/etc/passwd' && written !== '/host/mine');
      expect(others.filter((written) => !left || !written.startsWith('/host/seed/'))).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('what goes in is the file or the folder under its own name, each folder before what is in it', async () => {
  const files = memoryFiles({ '/host/parcel/b/c': 'x', '/host/parcel/a': 'y' });
  const members = await Array.fromAsync(sentTree(files, '/host/parcel'));
  expect(members.map(({ name }) => name)).toEqual(['parcel', 'parcel/a', 'parcel/b', 'parcel/b/c']);
  expect(await Array.fromAsync(sentTree(files, '/host/parcel/a'))).toMatchObject([{ name: 'a' }]);
});

test('a link of the host is not followed into a container', async () => {
  const files = memoryFiles({ '/etc/passwd': 'root', '/host/parcel/a': 'y' });
  files.link('/etc/passwd', '/host/parcel/link');
  await expect(Array.fromAsync(sentTree(files, '/host/parcel'))).rejects.toMatchObject({ code: 'COPY_REFUSED' });
});

test.each(['', '/', 'tmp', '/tmp/', '/tmp/..', '/tmp/../etc', '/./tmp', '//tmp', '/tmp\n', '--flag'])(
  '%j is no place in a container',
  (path) => {
    expect(() => checkedContainerPath(path)).toThrow(expect.objectContaining({ code: 'COPY_REFUSED' }));
  },
);
