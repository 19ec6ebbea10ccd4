import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerokError } from '@terok/sandbox';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tarStream, type TarMember } from './tar.ts';
import { tarEntries } from './tar-entries.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function written(members: readonly TarMember[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarStream(members)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function read(archive: Uint8Array, size = 1000) {
  const found: { path: string; kind: string; mode: number; linkTarget: string; content: string }[] = [];
  for await (const { path, kind, mode, linkTarget, content } of tarEntries(inPieces(archive, size))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    found.push({ path, kind, mode, linkTarget, content: Buffer.concat(chunks).toString('base64') });
  }
  return found;
}

const name = fc.oneof(
  fc.stringMatching(/^[a-z]{1,20}(?:\/[a-z]{1,20}){0,3}$/),
  fc.constantFrom('ä'.repeat(60), `${'deep/'.repeat(60)}file`, 'a'.repeat(99), 'a'.repeat(100), 'a'.repeat(101)),
);
const member: fc.Arbitrary<TarMember> = fc.oneof(
  fc.record({ name, content: fc.uint8Array({ maxLength: 1100 }), mode: fc.integer({ min: 0, max: 0o7777 }) }),
  fc.record({ name, directory: fc.constant(true as const), mode: fc.integer({ min: 0, max: 0o7777 }) }),
);

test('what was written is read, however it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (members, size) => {
      expect(await read(await written(members), size)).toEqual(
        members.map((one) => ({
          path: 'directory' in one ? `${one.name}/` : one.name,
          kind: 'directory' in one ? 'directory' : 'file',
          mode: one.mode,
          linkTarget: '',
          content: 'directory' in one ? '' : Buffer.from(one.content as Uint8Array).toString('base64'),
        })),
      );
    }),
    { numRuns: 100 },
  );
});

test.each(['gnu', 'pax', 'ustar'])('what tar writes in the format %s is read, links and long names too', async (format) => {
  const place = mkdtempSync(join(tmpdir(), 'terok-tar-'));
  try {
    const folder = format === 'ustar' ? 'folder' : 'f'.repeat(150);
    mkdirSync(join(place, folder));
    writeFileSync(join(place, folder, 'file'), 'text', { mode: 0o640 });
    linkSync(join(place, folder, 'file'), join(place, folder, 'twin'));
    symlinkSync('/etc/passwd', join(place, folder, 'link'));
    const archive = execFileSync('tar', ['--create', `--format=${format}`, '--sort=name', `--directory=${place}`, '--file=-', folder]);
    expect((await read(new Uint8Array(archive))).map(({ path, kind, linkTarget }) => `${kind} ${path} ${linkTarget}`)).toEqual([
      `directory ${folder}/ `,
      `file ${folder}/file `,
      `other ${folder}/link /etc/passwd`,
      `hard_link ${folder}/twin ${folder}/file`,
    ]);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('an entry that nobody reads is passed over', async () => {
  const archive = await written([
    { name: 'large', content: new Uint8Array(5000) },
    { name: 'next', content: 'x' },
  ]);
  const paths: string[] = [];
  for await (const { path } of tarEntries(inPieces(archive, 700))) paths.push(path);
  expect(paths).toEqual(['large', 'next']);
});

test('an archive that ends too early, or in which a bit has fallen, is an error and never a shorter file', async () => {
  const archive = await written([{ name: 'file', content: 'x'.repeat(1000) }]);
  await expect(read(archive.subarray(0, 900))).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
  await expect(read(archive.subarray(0, 300))).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
  const damaged = archive.slice();
  damaged[0] = 0x7a;
  await expect(read(damaged)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
});

test('no bytes make it do anything but read or refuse', async () => {
  const base = await written([{ name: `${'deep/'.repeat(40)}file`, content: 'content' }]);
  const change = fc.record({ at: fc.nat({ max: base.length - 1 }), byte: fc.nat({ max: 255 }) });
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.array(change, { maxLength: 3 })), async (given) => {
      const archive = given instanceof Uint8Array ? given : base.slice();
      if (!(given instanceof Uint8Array)) for (const { at, byte } of given) archive[at] = byte;
      const outcome = await read(archive).then(
        () => 'read',
        (error: unknown) => (error instanceof TerokError ? error.code : String(error)),
      );
      expect(['read', 'ARCHIVE_UNREADABLE']).toContain(outcome);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 300 },
  );
  expect(outcomes.get('ARCHIVE_UNREADABLE')).toBeGreaterThan(10);
  expect(outcomes.get('read')).toBeGreaterThan(10);
});

test('who has enough of it ends whoever writes it', async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      const archive = await written([{ name: 'file', content: new Uint8Array(512) }]);
      for (;;) yield archive.subarray(0, 1024);
    } finally {
      ended = true;
    }
  }
  for await (const { path } of tarEntries(endless())) if (path === 'file') break;
  expect(ended).toBe(true);
});
