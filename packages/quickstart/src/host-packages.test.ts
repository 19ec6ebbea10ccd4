import { expect, test } from 'vitest';
import { atLeast, hostPlan, versionNumbers, type HostFacts } from './host-packages.mjs';

const everyProgram = [
  'git',
  'podman',
  'crun',
  'runc',
  'catatonit',
  'slirp4netns',
  'mmdebstrap',
  'newuidmap',
  'newgidmap',
  'fuse-overlayfs',
];
const everyFile = ['/etc/ssl/certs/ca-certificates.crt', '/usr/lib/systemd/user/dbus.socket'];

function host({
  without = [],
  ...facts
}: Partial<Omit<HostFacts, 'has' | 'exists'>> & { readonly without?: readonly string[] }): HostFacts {
  return {
    rootless: false,
    systemd: true,
    cgroup2: true,
    kernel: [6, 1],
    podman: '4.3.1',
    podmanOffered: '4.3.1+ds1-8',
    has: (program) => everyProgram.includes(program) && !without.includes(program),
    exists: (path) => everyFile.includes(path) && !without.includes(path),
    ...facts,
  };
}

const bare = [...everyProgram, ...everyFile];
const names = (facts: HostFacts) => hostPlan(facts).packages.map(({ name }) => name);

test('a host that has everything gets nothing', () => {
  expect(hostPlan(host({}))).toEqual({ packages: [], problems: [] });
  expect(hostPlan(host({ rootless: true }))).toEqual({ packages: [], problems: [] });
});

test.each([
  ['as root', {}, ['git', 'podman', 'crun', 'catatonit', 'slirp4netns', 'mmdebstrap', 'ca-certificates']],
  ['as root on cgroup v1', { cgroup2: false }, ['git', 'podman', 'runc', 'catatonit', 'slirp4netns', 'mmdebstrap', 'ca-certificates']],
  ['as root, podman 5 offered', { podmanOffered: '5.4.2+ds1-2' }, ['git', 'podman', 'crun', 'catatonit', 'mmdebstrap', 'ca-certificates']],
  [
    'rootless',
    { rootless: true },
    ['git', 'podman', 'crun', 'catatonit', 'slirp4netns', 'mmdebstrap', 'ca-certificates', 'uidmap', 'dbus-user-session'],
  ],
  [
    'rootless, podman 5 offered, no systemd, an old kernel',
    { rootless: true, systemd: false, podmanOffered: '5.4.2', kernel: [5, 10] as const },
    ['git', 'podman', 'crun', 'catatonit', 'passt', 'mmdebstrap', 'ca-certificates', 'uidmap', 'fuse-overlayfs'],
  ],
])('a bare host gets the shortest list that works: %s', (_, facts, packages) => {
  expect(names(host({ podman: null, without: bare, ...facts }))).toEqual(packages);
});

test('the tests need four packages more, whoever runs them', () => {
  expect(hostPlan(host({}), { tests: true }).packages.map(({ name }) => name)).toEqual(['strace', 'systemd', 'tmux']);
  expect(hostPlan(host({ without: ['newuidmap'] }), { tests: true }).packages.map(({ name }) => name)).toEqual([
    'strace',
    'systemd',
    'tmux',
    'uidmap',
  ]);
  expect(hostPlan(host({ rootless: true, without: ['newuidmap'] }), { tests: true }).packages.map(({ name }) => name)).toEqual([
    'uidmap',
    'strace',
    'systemd',
    'tmux',
  ]);
});

test('crun alone does not do on cgroup v1', () => {
  expect(names(host({ cgroup2: false, without: ['runc'] }))).toEqual(['runc']);
  expect(names(host({ cgroup2: true, without: ['crun'] }))).toEqual([]);
});

test('debootstrap does for root, who needs no user namespace for it', () => {
  const has = (program: string) => program === 'debootstrap' || (everyProgram.includes(program) && program !== 'mmdebstrap');
  expect(names({ ...host({}), has })).toEqual([]);
  expect(names({ ...host({ rootless: true }), has })).toEqual(['mmdebstrap']);
});

test.each([
  ['installed and old enough to fail', { podman: '4.2.9' }, ['The installed podman is 4.2.9; terok needs 4.3 or newer.']],
  ['offered and too old', { podman: null, podmanOffered: '3.4.4+ds1-1ubuntu1' }, [expect.stringContaining('offers podman 3.4.4')]],
  ['not known to be offered', { podman: null, podmanOffered: null }, []],
  ['installed and new, whatever is offered', { podman: '5.0.0', podmanOffered: '3.4.4' }, []],
])('says what is wrong with podman: %s', (_, facts, problems) => {
  expect(hostPlan(host(facts)).problems).toEqual(problems);
});

test.each([
  ['4.3.1+ds1-8+deb12u1+b3', [4, 3]],
  ['1:5.0.0-rc2', [5, 0]],
  ['6', [6, 0]],
  ['6.18.44-fc', [6, 18]],
  ['unknown', [0, 0]],
])('reads the first two numbers of %s', (version, numbers) => {
  expect(versionNumbers(version)).toEqual(numbers);
});

test('compares by the first number, then the second', () => {
  expect([atLeast([5, 0], [4, 3]), atLeast([4, 3], [4, 3]), atLeast([4, 2], [4, 3]), atLeast([3, 9], [4, 3])]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
