import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { loadRoster } from './agents/roster.ts';
import { agentFindings, gitVersionFinding, profileFindings } from './doctor.ts';
import type { EngineProfile } from './engine-profile/engine-profile.ts';
import { engineProfile } from './testing/engine-profile.ts';

const findingOf = (different: Partial<EngineProfile>, id: string) =>
  profileFindings(engineProfile(different)).find((finding) => finding.id === id);

test('a host on which everything works has nothing to mend', () => {
  const findings = profileFindings(engineProfile());
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
});

test('the engine is described in the words of its profile', () => {
  expect(findingOf({}, 'engine')?.finding).toBe('crun with systemd, as root, storage overlay');
  expect(findingOf({ runtime: 'runc', cgroup_manager: 'cgroupfs', rootless: true, storage_driver: 'vfs' }, 'engine')?.finding).toBe(
    'runc with cgroupfs, rootless, storage vfs',
  );
});

test.each<{ what: string; different: Partial<EngineProfile>; id: string; finding: RegExp }>([
  {
    what: 'limits that are not kept',
    different: { limits: { memory: false, cpus: true, pids: false } },
    id: 'limits',
    finding: /not enforced here: memory, pids$/,
  },
  {
    what: 'limits that rootless podman ignores on cgroup v1',
    different: { rootless: true, cgroup_version: 'v1', limits: { memory: false, cpus: false, pids: false } },
    id: 'limits',
    finding: /memory, cpus, pids \(rootless podman on cgroup v1 ignores them\)$/,
  },
  {
    what: 'no user namespace',
    different: { user_mapping: { kind: 'none' } },
    id: 'user-namespace',
    finding: /uid 1000 inside is uid 1000 of the host/,
  },
  { what: 'no seccomp', different: { seccomp_profile: null }, id: 'seccomp', finding: /not filtered/ },
  { what: 'no network', different: { open_network: null }, id: 'network', finding: /does not work here/ },
  { what: 'storage that copies', different: { storage_driver: 'vfs' }, id: 'storage', finding: /vfs copies every layer whole/ },
  { what: 'no init', different: { init: false }, id: 'init', finding: /whole grace/ },
])('$what is a warning and says what it means', ({ different, id, finding }) => {
  expect(findingOf(different, id)).toMatchObject({ status: 'warn', finding: expect.stringMatching(finding) as string });
  expect(profileFindings(engineProfile(different)).filter(({ status }) => status !== 'ok')).toHaveLength(1);
});

test.each([{ kind: 'keep_id' } as const, { kind: 'range', first: 2_000_000_000, count: 65_536 } as const])(
  'a user namespace of the kind $kind is fine',
  (user_mapping) => {
    expect(findingOf({ user_mapping }, 'user-namespace')?.status).toBe('ok');
  },
);

test.each([
  ['git version 2.39.5', 'ok'],
  ['git version 2.32.0.windows.1', 'ok'],
  ['git version 3.0', 'ok'],
  ['git version 2.31.9', 'error'],
  ['git version 1.99.0', 'error'],
  ['', 'ok'],
])('`%s` is %s', (printed, status) => {
  expect(gitVersionFinding(printed)).toMatchObject({ id: 'git', status });
});

test('an agent whose file is wrong is named with each place in it, and the others can be run', async () => {
  const files = memoryFiles({
    '/config/agents/codex.yaml': 'label: 7\nrun:\n  promt: stdin\n',
    "/config/agents/it's.yaml": '{}',
    '/config/agents/mine.yaml': 'label: "\\u001b[2J',
  });
  const findings = agentFindings(await loadRoster({ files, paths: { agents: '/config/agents' } }));
  expect(findings[0]).toMatchObject({
    status: 'ok',
    finding: expect.stringMatching(/^agents that can be run: claude, .*shell$/) as string,
  });
  expect(findings[0]?.finding).not.toContain('codex');
  const warnings = findings.slice(1);
  expect(new Set(warnings.map(({ id, status }) => `${id} ${status}`))).toEqual(new Set(['agents warn']));
  expect(warnings.map(({ finding }) => finding)).toEqual([
    expect.stringMatching(/^codex cannot be run: \/config\/agents\/codex\.yaml:1:1: label: /),
    expect.stringMatching(/^codex cannot be run: \/config\/agents\/codex\.yaml:3:3: run\.promt: .*prompt/),
    expect.stringMatching(/^it's cannot be run: \/config\/agents\/it's\.yaml:1:1: /),
    expect.stringMatching(/^mine cannot be run: \/config\/agents\/mine\.yaml:1:/),
  ]);
  expect(warnings[0]?.fix).toBe(`"\${EDITOR:-vi}" '/config/agents/codex.yaml'`);
  expect(warnings[2]?.fix).toBe(`"\${EDITOR:-vi}" '/config/agents/it'\\''s.yaml'`);
});

test('without files of a person’s own every agent can be run', async () => {
  expect(agentFindings(await loadRoster({ files: memoryFiles(), paths: { agents: '/config/agents' } }))).toHaveLength(1);
});
