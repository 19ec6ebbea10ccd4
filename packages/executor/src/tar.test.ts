import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tarOfFiles, tarStream } from './tar.ts';

const tar = (args: readonly string[], archive: Uint8Array) =>
  execFileSync('tar', args, { input: archive, stdio: ['pipe', 'pipe', 'pipe'] });

test('tar lists the files with their modes, owners and sizes', () => {
  const archive = tarOfFiles({ Containerfile: 'FROM scratch\n', 'installed.env': '' });
  const listing = tar(['--list', '--verbose', '--numeric-owner', '--utc', '--file=-'], archive).toString();
  expect(listing.trimEnd().split('\n')).toEqual([
    '-rw-r--r-- 0/0              13 1970-01-01 00:00 Containerfile',
    '-rw-r--r-- 0/0               0 1970-01-01 00:00 installed.env',
  ]);
  expect(tar(['--list', '--verbose', '--file=-'], tarOfFiles({ probe: 'x' }, 0o755)).toString()).toMatch(/^-rwxr-xr-x /);
});

test('tar takes out what was put in, byte for byte', () => {
  const content = fc.uint8Array({ maxLength: 2000 });
  const boundary = fc.constantFrom(0, 1, 511, 512, 513, 1024).map((length) => new Uint8Array(length).fill(7));
  fc.assert(
    fc.property(fc.oneof(content, boundary), fc.oneof(content, boundary), (first, second) => {
      const archive = tarOfFiles({ first, second });
      expect(archive.length % 512).toBe(0);
      expect(new Uint8Array(tar(['--extract', '--to-stdout', '--file=-', 'first'], archive))).toEqual(new Uint8Array(first));
      expect(new Uint8Array(tar(['--extract', '--to-stdout', '--file=-', 'second'], archive))).toEqual(new Uint8Array(second));
    }),
    { numRuns: 25 },
  );
});

test('the same files are the same archive', () => {
  expect(tarOfFiles({ a: 'text' })).toEqual(tarOfFiles({ a: new TextEncoder().encode('text') }));
});

test('an archive of nothing is still one', () => {
  expect(tar(['--list', '--file=-'], tarOfFiles({})).toString()).toBe('');
});

test('a name of any length arrives whole, of files and of folders', async () => {
  for (const name of ['a'.repeat(100), 'a'.repeat(101), 'ä'.repeat(51), `${'deep/'.repeat(40)}file`])
    expect(tar(['--list', '--quoting-style=literal', '--file=-'], tarOfFiles({ [name]: 'x' })).toString()).toBe(`${name}\n`);
  const members = [
    { name: 'folder', directory: true as const, mode: 0o700 },
    { name: `folder/${'b'.repeat(200)}`, directory: true as const },
    { name: 'folder/program', content: 'x', mode: 0o755 },
  ];
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarStream(members)) chunks.push(chunk);
  const listing = tar(['--list', '--verbose', '--file=-'], Buffer.concat(chunks)).toString();
  expect(
    listing
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, 10), line.split(' ').at(-1)]),
  ).toEqual([
    ['drwx------', 'folder/'],
    ['drwxr-xr-x', `folder/${'b'.repeat(200)}/`],
    ['-rwxr-xr-x', 'folder/program'],
  ]);
});
