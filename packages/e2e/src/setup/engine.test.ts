/** `terok setup` finds out how containers start here, on this very host; later calls notice when it is another. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setupEngine, type EngineProfile } from '@terok/executor';
import { beforeAll, expect, test } from 'vitest';
import { contextOf, openEngine } from '../executor/engine.ts';
import type { Installation } from '../installation.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';

let installation: Installation;
let profileFile: string;
beforeAll(async () => {
  installation = await otherInstallation('engine');
  profileFile = join(installation.stateRoot, 'engine-profile.json');
  await installation.answer(['setup', '--no-images']);
});

const profile = async () => JSON.parse(await readFile(profileFile, 'utf8')) as EngineProfile;

test('a way is found, and it starts containers', async () => {
  const { runtime } = await profile();
  expect(['crun', 'runc']).toContain(runtime);
  const { ctx, spec } = await openEngine(await sharedInstallation());
  expect(await ctx.runtime.runOnce(spec('exit 3'))).toMatchObject({ exitCode: 3 });
});

test('every profile of one host is the same but for the time', async () => {
  const lines: string[] = [];
  const first = await profile();
  const again = await setupEngine(await contextOf(installation), { onProgress: ({ text }) => lines.push(text) });
  expect({ ...again.engine.profile, probed_at: first.probed_at }).toEqual(first);
  expect(lines.at(-1)).toMatch(new RegExp(`^containers start with ${first.runtime}, ${first.cgroup_manager}, `));
});

test('the image of the probe is not left behind', async () => {
  expect((await installation.podman(['images', '--all', '--format={{.Repository}}'])).split('\n')).not.toContain('localhost/terok-probe');
  expect(await installation.podman(['ps', '--all', '--quiet', '--filter=ancestor=localhost/terok-probe'])).toBe('');
});

test('what setup writes is the person’s alone', async () => {
  const { stateRoot } = installation;
  const modes = Object.fromEntries(
    await Promise.all(
      ['.', 'engine-profile.json', 'installation-id', 'seccomp.json', 'setup.stamp'].map(
        async (name) => [name, ((await stat(join(stateRoot, name))).mode & 0o777).toString(8)] as const,
      ),
    ),
  );
  expect(modes).toEqual({
    '.': '700',
    'engine-profile.json': '600',
    'installation-id': '600',
    'seccomp.json': '600',
    'setup.stamp': '600',
  });
});

test('the doctor finds no error on a host that was set up', async () => {
  const { stdout } = await installation.terok(['doctor', '--json']);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly id: string; readonly status: string }[] };
  expect(findings.filter(({ status }) => status === 'error')).toEqual([]);
  expect(findings.map(({ id }) => id)).toEqual(expect.arrayContaining(['podman', 'git', 'engine', 'limits', 'seccomp']));
});

test('a host that has changed is noticed, and what has changed is named', async () => {
  const found = await profile();
  await writeFile(profileFile, JSON.stringify({ ...found, host: { ...found.host, kernel: '2.6.32' } }));
  const { engine } = await contextOf(installation);
  expect(engine).toMatchObject({ kind: 'outdated', changes: [`kernel was 2.6.32 and is ${found.host['kernel']}`] });
  await writeFile(profileFile, JSON.stringify(found));
  expect((await contextOf(installation)).engine).toMatchObject({ kind: 'current' });
});

test('a profile that cannot be read sends to setup, and setup makes it good', async () => {
  await writeFile(profileFile, '{"schema":');
  expect((await contextOf(installation)).engine).toMatchObject({ kind: 'unreadable' });
  await installation.answer(['setup', '--no-images']);
  expect((await contextOf(installation)).engine).toMatchObject({ kind: 'current' });
});
