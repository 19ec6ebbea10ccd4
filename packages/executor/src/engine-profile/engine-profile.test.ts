import { expect, test } from 'vitest';
import { engineProfile } from '../testing/engine-profile.ts';
import { engineArgs, judgeEngineProfile, workspaceOwner } from './engine-profile.ts';

const profile = engineProfile();
const text = JSON.stringify(profile);

test('the profile of the host as it is, is current', () => {
  expect(judgeEngineProfile(text, profile.host)).toEqual({ kind: 'current', profile });
});

test.each([
  { what: 'a fact that has changed', now: { ...profile.host, kernel: '6.2.0' }, changes: ['kernel was 6.1.0 and is 6.2.0'] },
  { what: 'a program that is new', now: { ...profile.host, crun: '/usr/bin/crun' }, changes: ['crun was absent and is /usr/bin/crun'] },
  { what: 'a program that is gone', now: { kernel: '6.1.0', user: '0' }, changes: [`podman was ${profile.host['podman']} and is absent`] },
  {
    what: 'several, sorted by name',
    now: { ...profile.host, user: '1000', kernel: '6.2.0' },
    changes: ['kernel was 6.1.0 and is 6.2.0', 'user was 0 and is 1000'],
  },
])('$what makes it outdated, and is named', ({ now, changes }) => {
  expect(judgeEngineProfile(text, now)).toEqual({ kind: 'outdated', profile, changes });
});

test.each([
  { what: 'half a file', written: text.slice(0, -20), reason: 'the file: ' },
  { what: 'another runtime', written: JSON.stringify({ ...profile, runtime: 'kata' }), reason: 'runtime: ' },
  { what: 'another schema', written: JSON.stringify({ ...profile, schema: 2 }), reason: 'schema: ' },
  {
    what: 'a limit that is missing',
    written: JSON.stringify({ ...profile, limits: { memory: true, cpus: true } }),
    reason: 'limits.pids: ',
  },
  { what: 'a mapping of no kind', written: JSON.stringify({ ...profile, user_mapping: { kind: 'all' } }), reason: 'user_mapping' },
  { what: 'a list', written: '[]', reason: 'the file: ' },
  { what: 'nothing', written: '', reason: 'the file: ' },
])('$what cannot be read, and the place is named', ({ written, reason }) => {
  expect(judgeEngineProfile(written, profile.host)).toEqual({ kind: 'unreadable', reason: expect.stringContaining(reason) as string });
});

test('what a newer terok wrote beside is no obstacle', () => {
  expect(judgeEngineProfile(JSON.stringify({ ...profile, gpu: null }), profile.host)).toMatchObject({ kind: 'current' });
});

test('runtime and cgroup manager go before every verb', () => {
  expect(engineArgs(profile)).toEqual(['--runtime=crun', '--cgroup-manager=systemd']);
});

test.each([
  { mapping: { kind: 'keep_id' } as const, owner: null },
  { mapping: { kind: 'range', first: 2_000_000_000, count: 65_536 } as const, owner: { uid: 2_000_001_000, gid: 2_000_001_000 } },
  { mapping: { kind: 'none' } as const, owner: { uid: 1000, gid: 1000 } },
])('with the mapping $mapping.kind, uid 1000 of a container is $owner on the host', ({ mapping, owner }) => {
  expect(workspaceOwner(mapping)).toEqual(owner);
});
