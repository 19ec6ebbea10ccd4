import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { release, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeBytes, readHost, readHostConditions, readHostText } from './node-host-facts.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terok-host-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function program(name: string, content = '#!/bin/sh\n'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  await chmod(path, 0o755);
  await utimes(path, new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z'));
  return path;
}
const facts = (podmanBinary = 'podman') => readHost({ env: { PATH: directory }, podmanBinary }).facts;

test('a program is known by its file, its size and its time', async () => {
  const path = await program('podman');
  expect(facts()['podman']).toBe(`${path} (10 bytes, 2026-01-01T00:00:00.000Z)`);
});

test('a program that was replaced is another', async () => {
  await program('podman');
  const before = facts()['podman'];
  await program('podman', '#!/bin/sh\nexit 0\n');
  expect(facts()['podman']).not.toBe(before);
});

test('a link is known by the file behind it', async () => {
  const target = await program('podman-5.4');
  await symlink(target, join(directory, 'podman'));
  expect(facts()['podman']).toContain(target);
});

test('the podman that is configured is the one that is looked at', async () => {
  await program('podman');
  const other = await program('podman-remote');
  expect(facts(other)['podman']).toContain(other);
  expect(facts('podman-remote')['podman']).toContain(other);
  expect(facts('/nonexistent/podman')['podman']).toBeUndefined();
});

test('what is no program, or is named by a relative PATH, is not found', async () => {
  const path = await program('podman-x');
  await chmod(path, 0o644);
  expect(facts('podman-x')['podman']).toBeUndefined();
  await chmod(path, 0o755);
  expect(readHost({ env: { PATH: '.::relative' }, podmanBinary: 'podman-x' }).facts['podman']).toBeUndefined();
});

test('the better runtime comes first', async () => {
  await program('runc');
  await program('crun');
  expect(readHost({ env: { PATH: directory }, podmanBinary: 'podman' }).runtimes).toEqual(['crun', 'runc']);
});

test('kernel, user and limits are those of this process', () => {
  const host = readHost({ env: {}, podmanBinary: 'podman' });
  expect(host.facts).toMatchObject({ kernel: release(), user: String(process.getuid?.()) });
  expect(['v1', 'v2']).toContain(host.facts['cgroups']);
  for (const limit of [host.nofileHard, host.nprocHard]) expect(limit === null || (Number.isSafeInteger(limit) && limit > 0)).toBe(true);
});

test('a text of the host that is not there is null', async () => {
  const path = join(directory, 'os-release');
  expect(await readHostText(path)).toBeNull();
  await writeFile(path, 'ID=debian\n');
  expect(await readHostText(path)).toBe('ID=debian\n');
});

test('free space is a number of bytes', async () => {
  expect(await freeBytes(directory)).toBeGreaterThan(0);
});

test('what a host allows is in its files, and what has none is null', async () => {
  const bare = {
    subuid: null,
    subgid: null,
    userNamespacesMax: null,
    systemd: false,
    linger: false,
    cgroups: 'v1',
    delegatedControllers: null,
  };
  expect(await readHostConditions(directory)).toMatchObject(bare);

  const { username } = userInfo();
  const uid = process.getuid?.();
  const written = {
    'etc/subuid': 'dev:1:2\n',
    'etc/subgid': 'dev:3:4\n',
    'proc/sys/user/max_user_namespaces': '5\n',
    'proc/sys/kernel/unprivileged_userns_clone': '1\n',
    'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '0\n',
    'run/systemd/system/x': '',
    [`var/lib/systemd/linger/${username}`]: '',
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
    [`sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/cgroup.controllers`]: 'memory\n',
  };
  for (const [path, text] of Object.entries(written)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  expect(await readHostConditions(directory)).toEqual({
    uid,
    user: username,
    subuid: 'dev:1:2\n',
    subgid: 'dev:3:4\n',
    userNamespacesMax: '5\n',
    unprivilegedClone: '1\n',
    appArmorRestriction: '0\n',
    systemd: true,
    linger: true,
    cgroups: 'v2',
    delegatedControllers: 'memory\n',
  });
});
