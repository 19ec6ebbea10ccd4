import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { resolvePaths } from '@terok/sandbox';
import { fakeClock, memoryFiles, type MemoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { textOf } from '../podman/podman.ts';
import type { Command, ProcessEnd, Processes } from '../processes.ts';
import { archiveName, packageArchive, packageStore } from './agent-packages.ts';

const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 0, initialUserNamespace: true, home: '/root' });
const bytes = (text: string) => new TextEncoder().encode(text);
const integrityOf = (text: string) => `sha512-${createHash('sha512').update(text).digest('base64')}`;
const wanted = { name: '@a/b', version: '1.2.3', integrity: integrityOf('archive'), architecture: null, directory: '@a/b' } as const;
const stored = `${packageStore(paths)}/${archiveName(wanted.integrity)}`;

/** An npm that leaves one archive where it is told to. */
type Given = { readonly archive?: string; readonly files?: MemoryFiles; readonly end?: ProcessEnd };
function host({ archive = 'archive', files = memoryFiles(), end = { kind: 'exited', exitCode: 0 } }: Given = {}) {
  const started: Command[] = [];
  const processes: Pick<Processes, 'run'> = {
    async run(command) {
      started.push(command);
      const folder = command.args.find((word) => word.startsWith('--pack-destination='))?.slice('--pack-destination='.length) ?? '';
      if (end.kind === 'exited' && end.exitCode === 0 && archive !== '') await files.replace(`${folder}/a-b-1.2.3.tgz`, archive);
      return { end, stdout: bytes(''), stderr: bytes('npm error 404 not found\n') };
    },
  };
  const env = { PATH: '/bin', npm_config_cafile: '/ca', ANTHROPIC_API_KEY: 'secret' };
  const fetch = () =>
    packageArchive(wanted, { files, clock: fakeClock(), paths, processes: processes as Processes, env, onProgress: () => {} });
  return { files, started, fetch };
}

const left = async (files: MemoryFiles) => (await files.list(dirname(stored))).map(({ name }) => name);

test('a package is fetched once, by the host’s npm with its settings and without its scripts, and kept under its hash', async () => {
  const { files, started, fetch } = host();
  expect(textOf(await fetch())).toBe('archive');
  expect(textOf(await fetch())).toBe('archive');
  expect(started).toHaveLength(1);
  expect(started[0]?.binary).toBe('npm');
  expect(started[0]?.args).toEqual(expect.arrayContaining(['pack', '--ignore-scripts', '--', '@a/b@1.2.3']));
  expect(started[0]?.env).toMatchObject({ npm_config_cafile: '/ca' });
  expect(started[0]?.env).not.toHaveProperty('ANTHROPIC_API_KEY');
  expect(await left(files)).toEqual([archiveName(wanted.integrity)]);
});

test('an archive that is another one is refused, and nothing of it stays', async () => {
  const { files, fetch } = host({ archive: 'evil' });
  await expect(fetch()).rejects.toMatchObject({ code: 'AGENT_PACKAGE_DIFFERS' });
  expect(await left(files)).toEqual([]);
});

test('an archive that was changed in the store is fetched anew', async () => {
  const files = memoryFiles();
  await files.replace(stored, 'rotten');
  const { started, fetch } = host({ files });
  expect(textOf(await fetch())).toBe('archive');
  expect(started).toHaveLength(1);
});

test.each([
  ['npm fails', { end: { kind: 'exited', exitCode: 1 } }, 'AGENT_PACKAGE_UNAVAILABLE'],
  ['npm takes too long', { end: { kind: 'timed_out' } }, 'AGENT_PACKAGE_UNAVAILABLE'],
  ['npm leaves nothing', { archive: '' }, 'AGENT_PACKAGE_UNAVAILABLE'],
  ['there is no npm', { end: { kind: 'missing' } }, 'NPM_MISSING'],
] as const)('when %s, that is said, and nothing is left of the attempt', async (_, given, code) => {
  const { files, fetch } = host(given);
  await expect(fetch()).rejects.toMatchObject({ code });
  expect(await left(files)).toEqual([]);
});
