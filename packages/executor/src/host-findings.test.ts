import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostConditions } from './engine-profile/host-conditions.ts';
import { clockFinding, diskFinding, hostFindings, upwards } from './host-findings.ts';
import { hostConditions } from './testing/host-conditions.ts';

test('a host that allows everything has nothing to mend', () => {
  const findings = hostFindings(hostConditions(), false);
  expect(findings.map(({ id, status }) => `${id}: ${status}`)).toEqual([
    'cgroups: ok',
    'user-namespaces-allowed: ok',
    'subuid: ok',
    'subgid: ok',
    'linger: ok',
  ]);
});

test('root is asked for nothing that only others need', () => {
  const bare = { uid: 0, user: 'root', subuid: null, subgid: null, linger: false, userNamespacesMax: '0\n' };
  expect(hostFindings(hostConditions({ ...bare, cgroups: 'v1' }), false)).toEqual([{ id: 'cgroups', status: 'ok', finding: 'cgroup v1' }]);
});

test.each<{ what: string; different: Partial<HostConditions>; id: string; status: string; finding: RegExp; fix: RegExp }>([
  {
    what: 'no range of user ids at all',
    different: { subuid: null },
    id: 'subuid',
    status: 'error',
    finding: /dev has 0 ids .* \/etc\/subuid; 65536 are needed/,
    fix: /^usermod --add-subuids 100000-165535 dev && podman system migrate$/,
  },
  {
    what: 'a range of one id too few',
    different: { subgid: 'dev:100000:65535\n' },
    id: 'subgid',
    status: 'error',
    finding: /dev has 65535 ids/,
    fix: /--add-subgids 165535-231070 dev/,
  },
  {
    what: 'ranges that are all somebody else’s',
    different: { subuid: 'ann:100000:65536\nbob:300000:65536\ndevil:500000:65536\n' },
    id: 'subuid',
    status: 'error',
    finding: /dev has 0 ids/,
    fix: /--add-subuids 565536-631071 dev/,
  },
  {
    what: 'a file of nonsense',
    different: { subuid: 'dev\ndev:x:65536\ndev:1:2:65536\n:0:65536\ndev:100000:-65536\n' },
    id: 'subuid',
    status: 'error',
    finding: /dev has 0 ids/,
    fix: /--add-subuids 100000-165535 dev/,
  },
  {
    what: 'no linger',
    different: { linger: false },
    id: 'linger',
    status: 'warn',
    finding: /killed at the last logout/,
    fix: /^loginctl enable-linger dev$/,
  },
  {
    what: 'no processor time to hand out',
    different: { delegatedControllers: 'memory pids\n' },
    id: 'cgroups',
    status: 'warn',
    finding: /was not given: cpu; such limits are not enforced/,
    fix: /Delegate=cpu cpuset io memory pids/,
  },
  {
    what: 'no user namespaces',
    different: { userNamespacesMax: '0\n' },
    id: 'user-namespaces-allowed',
    status: 'error',
    finding: /user\.max_user_namespaces is 0/,
    fix: /^sysctl -w user\.max_user_namespaces=28633$/,
  },
  {
    what: 'user namespaces for root alone',
    different: { unprivilegedClone: '0\n' },
    id: 'user-namespaces-allowed',
    status: 'error',
    finding: /unprivileged_userns_clone is 0/,
    fix: /^sysctl -w kernel\.unprivileged_userns_clone=1$/,
  },
  {
    what: 'a restriction by AppArmor',
    different: { appArmorRestriction: '1\n' },
    id: 'user-namespaces-allowed',
    status: 'warn',
    finding: /AppArmor restricts/,
    fix: /podman apparmor$/,
  },
])('$what is named, with what mends it, and nothing else is', ({ different, id, status, finding, fix }) => {
  const findings = hostFindings(hostConditions(different), false).filter((one) => one.status !== 'ok');
  expect(findings).toEqual([{ id, status, finding: expect.stringMatching(finding) as string, fix: expect.stringMatching(fix) as string }]);
});

test.each<{ what: string; different: Partial<HostConditions>; containersStart: boolean }>([
  { what: 'several ranges that are enough together', different: { subuid: 'dev:1:32768\ndev:65536:32768\n' }, containersStart: false },
  { what: 'a range that names the user by number', different: { subuid: '1000:100000:65536\n' }, containersStart: false },
  { what: 'a restriction by AppArmor under which containers start', different: { appArmorRestriction: '1\n' }, containersStart: true },
  { what: 'a kernel without the settings', different: { userNamespacesMax: null }, containersStart: false },
  { what: 'no systemd, where nothing ends at logout', different: { systemd: false, linger: false }, containersStart: false },
  { what: 'no systemd, which hands no controllers on', different: { systemd: false, delegatedControllers: '' }, containersStart: false },
  { what: 'cgroup v1, which has no delegation', different: { cgroups: 'v1', delegatedControllers: '' }, containersStart: false },
])('$what is fine', ({ different, containersStart }) => {
  expect(hostFindings(hostConditions(different), containersStart).filter(({ status }) => status !== 'ok')).toEqual([]);
});

test('no text in the files of ids makes the judgement fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (subuid, subgid) => {
      const ids = hostFindings(hostConditions({ subuid, subgid }), false).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(['subuid', 'subgid']));
    }),
  );
});

const gib = 2 ** 30;
test.each([
  { free: 10 * gib, status: 'ok', finding: '/state has 10.0 GiB free', fix: undefined },
  { free: gib, status: 'ok', finding: '/state has 1.0 GiB free', fix: undefined },
  {
    free: gib / 2,
    status: 'error',
    finding: '/state has 0.5 GiB free; a task starts with 1.0 GiB or more (limits.disk_free_min)',
    fix: 'terok task list',
  },
  { free: null, status: 'warn', finding: 'how much room /state has cannot be measured', fix: undefined },
])('$free bytes of a disk that should have one GiB are $status', ({ free, status, finding, fix }) => {
  expect(diskFinding({ what: 'state', path: '/state', freeBytes: free }, gib, 'terok task list')).toEqual({
    id: 'disk-state',
    status,
    finding,
    ...(fix === undefined ? {} : { fix }),
  });
});

const now = new Date('2026-01-01T12:00:00.000Z');
test.each([
  ['nothing is recorded', [], 'ok'],
  ['a record is of yesterday', [new Date('2025-12-31T12:00:00.000Z')], 'ok'],
  ['a record is of the next minute', [new Date('2026-01-01T12:01:00.000Z')], 'ok'],
  ['a record is of later', [new Date('2026-01-01T12:01:00.001Z')], 'warn'],
] as const)('where %s the clock is judged %s', (_, moments, status) => {
  expect(
    clockFinding(
      now,
      moments.map((at) => ({ what: 'the setup stamp', at })),
    ).status,
  ).toBe(status);
});

test('a clock that stands before a record names the two', () => {
  const recorded = [
    { what: 'the engine profile', at: new Date('2026-06-01T00:00:00.000Z') },
    { what: 'the setup stamp', at: new Date('2025-01-01T00:00:00.000Z') },
  ];
  expect(clockFinding(now, recorded)).toEqual({
    id: 'clock',
    status: 'warn',
    finding: 'it is 2026-01-01T12:00:00.000Z, and of a later time are: the engine profile (2026-06-01T00:00:00.000Z)',
    fix: 'timedatectl set-ntp true',
  });
});

test.each([
  ['/a/b/c', ['/a/b/c', '/a/b', '/a', '/']],
  ['/', ['/']],
  ['/a//b/', ['/a/b', '/a', '/']],
])('above %s there is %j', (path, above) => {
  expect(upwards(path)).toEqual(above);
});
