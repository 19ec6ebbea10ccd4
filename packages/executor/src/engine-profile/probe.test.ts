import { loadConfig, resolvePaths, type Config } from '@terok/sandbox';
import { fakeClock, memoryFiles } from '@terok/sandbox/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import type { FakeAnswer } from '../fixtures/node-fake-podman.test.fixture.ts';
import type { EngineProfile } from './engine-profile.ts';
import type { HostReadings } from './host-facts.ts';
import { isRecentEnough, probeEngine, type ProbeContext } from './probe.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman();
});
afterEach(() => fake.remove());

const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 0, initialUserNamespace: true, home: '/root' });
const host: HostReadings = {
  ...{ uid: 0, architecture: 'x64', nofileHard: 20_000, nprocHard: null, runtimes: ['crun', 'runc'], systemd: true },
  facts: { kernel: '6.1.0' },
};
const engineSeccomp = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read', 'mount'], action: 'SCMP_ACT_ALLOW' }],
});

async function context({
  podman = {},
  ...given
}: Partial<Omit<ProbeContext, 'podman' | 'config'>> & { readonly podman?: Partial<Config['podman']> } = {}) {
  const files = memoryFiles();
  const { config } = await loadConfig(files, paths);
  const ctx: ProbeContext = {
    ...{ files, paths, clock: fakeClock('2026-01-01T00:00:00Z'), host, installationId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' },
    ...given,
    config: { ...config, podman: { ...config.podman, ...podman } },
    podman: fake.podman,
    readHostText: given.readHostText ?? (async (path) => (path === '/usr/share/containers/seccomp.json' ? engineSeccomp : null)),
  };
  return { ...ctx, files };
}

const info = ({ rootless = false, cgroupVersion = 'v2', controllers = ['cpu', 'memory', 'pids'], seccomp = true } = {}) =>
  JSON.stringify({
    host: {
      cgroupVersion,
      cgroupControllers: controllers,
      security: { rootless, seccompEnabled: seccomp, seccompProfilePath: seccomp ? '/usr/share/containers/seccomp.json' : '' },
    },
    store: { graphDriverName: 'overlay' },
  });

/** A podman that starts containers, but for the command lines with the words of `fails`. */
function answers({
  version = '4.3.1',
  says = info(),
  fails = [] as readonly (readonly string[])[],
  stderr = 'Error: no\n',
} = {}): readonly FakeAnswer[] {
  return [
    { to: ['version'], stdout: `${version}\n` },
    { to: ['info'], stdout: says },
    { to: ['images'] },
    { to: ['import'], readsInput: true, stdout: 'sha256:0\n' },
    ...fails.map((words) => ({ to: [...words], stderr, exit: 126, times: 99 })),
    { to: ['run'], times: 99 },
    { to: ['image', 'rm'] },
  ];
}

async function probed(given: Parameters<typeof context>[0] = {}): Promise<EngineProfile> {
  return probeEngine(await context(given), () => {});
}

/** The way of each trial start: what comes before the verb, and the limits. */
async function trials(): Promise<readonly string[]> {
  return (await fake.calls())
    .filter(({ args }) => args.includes('run'))
    .map(({ args }) => args.filter((word) => /^--(?:runtime|cgroup|ulimit)/.test(word)).join(' '));
}

test('where everything works, the first way is taken and everything is found', async () => {
  await fake.answers(answers());
  expect(await probed()).toEqual({
    ...{ schema: 1, probed_at: '2026-01-01T00:00:00.000+00:00', podman_version: '4.3.1', rootless: false },
    ...{ runtime: 'crun', cgroup_manager: 'systemd', cgroup_version: 'v2', storage_driver: 'overlay', ulimits: [] },
    user_mapping: { kind: 'range', first: 2_000_000_000, count: 65_536 },
    ...{ limits: { memory: true, cpus: true, pids: true }, init: true, open_network: 'bridge', seccomp_profile: '/state/seccomp.json' },
    host: { kernel: '6.1.0' },
  });
});

test('what is started is the smallest program, out of an image of ours that is removed afterwards', async () => {
  await fake.answers(answers());
  await probed();
  const calls = await fake.calls();
  const imported = calls.find(({ args }) => args.includes('import'));
  const image = imported?.args.at(-1) ?? '';
  expect(image).toMatch(/^localhost\/terok-probe:0f1e2d3c-[0-9a-z]+$/);
  expect(imported?.args).toContain('--change=LABEL ai.terok.root=0f1e2d3c4b5a69788796a5b4c3d2e1f0');
  expect(
    Buffer.from(imported?.input ?? '', 'base64')
      .subarray(512, 516)
      .toString('latin1'),
  ).toBe('\u007fELF');
  for (const { args } of calls.filter((call) => call.args.includes('run'))) {
    expect(args.slice(-3)).toEqual(['--', image, '/probe']);
    expect(args).toEqual(expect.arrayContaining(['--rm', '--pull=never']));
  }
  expect(calls.at(-1)?.args).toEqual(['image', 'rm', '--force', '--', image]);
});

test('images of probes that were killed go too, if they are ours and of long ago', async () => {
  const tag = (text: string) => `localhost/terok-probe:0f1e2d3c-${new Date(text).getTime().toString(36)}`;
  const old = tag('2025-12-31T22:00:00Z');
  // Made while the clock was ahead.
  const future = tag('2027-01-01T00:00:00Z');
  const others = ['localhost/terok-probe:ffffffff-k00000', 'localhost/terok-probe:latest', 'localhost/mine:1', tag('2025-12-31T23:59:00Z')];
  await fake.answers([
    { to: ['images', '--filter=reference=localhost/terok-probe'], stdout: `${[...others, old, future].join('\n')}\n` },
    ...answers(),
  ]);
  await probed();
  expect((await fake.calls()).at(-1)?.args.slice(5)).toEqual([old, future]);
});

test('the hardened profile is written before a container is tried with it', async () => {
  await fake.answers(answers());
  const ctx = await context();
  await probeEngine(ctx, () => {});
  expect(JSON.parse(ctx.files.text('/state/seccomp.json') ?? '')).toMatchObject({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read'] }, {}, {}, {}],
  });
  const flags = ['--security-opt=seccomp=/state/seccomp.json', '--security-opt=no-new-privileges', '--cap-drop=all'];
  expect((await fake.calls()).filter(({ args }) => flags.every((flag) => args.includes(flag)))).toHaveLength(1);
});

test('every way is tried in its order until one works, and the later questions are asked in that way', async () => {
  await fake.answers(
    answers({
      fails: [
        ['--runtime=crun', 'run'],
        ['--runtime=runc', '--cgroup-manager=systemd', 'run'],
      ],
    }),
  );
  const limits = '--ulimit=nofile=20000:20000 --ulimit=nproc=32768:32768';
  const said: string[] = [];
  const profile = await probeEngine(await context(), (line) => said.push(line));
  expect(profile).toMatchObject({ runtime: 'runc', cgroup_manager: 'cgroupfs', ulimits: [] });
  const ways = await trials();
  const ours = '--ulimit=core=0:0';
  expect(ways.slice(0, 7)).toEqual([
    `--runtime=crun --cgroup-manager=systemd ${ours}`,
    `--runtime=crun --cgroup-manager=systemd ${ours} ${limits}`,
    `--runtime=crun --cgroup-manager=cgroupfs ${ours}`,
    `--runtime=crun --cgroup-manager=cgroupfs ${ours} ${limits}`,
    `--runtime=runc --cgroup-manager=systemd ${ours}`,
    `--runtime=runc --cgroup-manager=systemd ${ours} ${limits}`,
    `--runtime=runc --cgroup-manager=cgroupfs ${ours}`,
  ]);
  expect(new Set(ways.slice(6))).toEqual(new Set([`--runtime=runc --cgroup-manager=cgroupfs ${ours}`]));
  expect(said).toContain('does not start with crun systemd: Error: no');
});

test('where only the host’s own limits work, they are kept and go with every start', async () => {
  await fake.answers([
    ...answers().slice(0, 4),
    { to: ['run', '--ulimit=nofile=20000:20000', '--ulimit=nproc=32768:32768'], times: 99 },
    { to: ['run'], exit: 126, times: 99 },
    { to: ['image', 'rm'] },
  ]);
  expect(await probed({ host: { ...host, systemd: false } })).toMatchObject({
    ulimits: [
      { name: 'nofile', soft: 20_000, hard: 20_000 },
      { name: 'nproc', soft: 32_768, hard: 32_768 },
    ],
    init: true,
  });
});

test('where nothing works, all that was tried is listed with the reason, and the image is removed', async () => {
  await fake.answers(answers({ fails: [['run']], stderr: 'warning\nError: crun: cgroup.controllers: No such file\n' }));
  await expect(probed({ host: { ...host, systemd: false, runtimes: ['crun'], nofileHard: null, nprocHard: 512 } })).rejects.toMatchObject({
    code: 'ENGINE_UNUSABLE',
    exitCode: 5,
    message: [
      'No way was found to start a container on this host. Tried:',
      '',
      '  crun cgroupfs: Error: crun: cgroup.controllers: No such file',
      '  crun cgroupfs nofile=1048576 nproc=512: Error: crun: cgroup.controllers: No such file',
    ].join('\n'),
  });
  expect((await fake.calls()).at(-1)?.args.slice(0, 3)).toEqual(['image', 'rm', '--force']);
});

test('where neither runtime is installed, that is said', async () => {
  await fake.answers(answers());
  await expect(probed({ host: { ...host, runtimes: [] } })).rejects.toMatchObject({
    code: 'ENGINE_UNUSABLE',
    message: expect.stringContaining('neither crun nor runc is installed') as string,
  });
});

test('what the configuration says is the only way that is tried, on its storage', async () => {
  await fake.answers(answers({ fails: [['run']] }));
  const podman = { runtime: 'runc', cgroup_manager: 'cgroupfs', storage_root: '/storage', run_root: '/run/storage' } as const;
  await expect(probed({ podman })).rejects.toMatchObject({ code: 'ENGINE_UNUSABLE' });
  const calls = (await fake.calls()).filter(({ args }) => args.includes('run'));
  expect(calls).toHaveLength(2);
  for (const { args } of calls)
    expect(args.slice(0, 5)).toEqual(['--root=/storage', '--runroot=/run/storage', '--runtime=runc', '--cgroup-manager=cgroupfs', 'run']);
});

test('a podman that is too old is refused before anything is tried', async () => {
  await fake.answers(answers({ version: '4.2.1' }));
  await expect(probed()).rejects.toMatchObject({
    code: 'PODMAN_TOO_OLD',
    exitCode: 5,
    message: expect.stringContaining('4.2.1') as string,
  });
  expect(await fake.calls()).toHaveLength(1);
});

test.each([
  ...['4.3', '4.3.0', '4.3.1', '4.10.0', '5.0.0', '5.0.0-rc2', '5.4.2-dev', '10.0.0'].map((version) => ({ version, enough: true })),
  ...['4.2.9', '4', '3.9.9', '', 'podman', '4.x', '-5.0'].map((version) => ({ version, enough: false })),
])('whether podman $version will do: $enough', ({ version, enough }) => {
  expect(isRecentEnough(version)).toBe(enough);
});

test.each(['', 'Error: database is locked', '{"host":{}}'])('a podman that says %j of itself cannot be read', async (says) => {
  await fake.answers(answers({ says }));
  await expect(probed()).rejects.toMatchObject({ code: 'PODMAN_UNREADABLE' });
});

test('without root on cgroup v1 no limit counts as kept, whatever podman takes', async () => {
  await fake.answers(answers({ says: info({ rootless: true, cgroupVersion: 'v1' }), fails: [['run', '--network=pasta']] }));
  expect(await probed()).toMatchObject({
    ...{ rootless: true, cgroup_version: 'v1', user_mapping: { kind: 'keep_id' }, open_network: 'slirp4netns' },
    limits: { memory: false, cpus: false, pids: false },
  });
});

test('a limit whose controller is not there, or that does not start, is not kept', async () => {
  await fake.answers(answers({ says: info({ controllers: ['memory', 'pids'] }), fails: [['run', '--memory=64m']] }));
  expect((await probed()).limits).toEqual({ memory: false, cpus: false, pids: true });
});

test('what does not work is found to be missing, and no container is the worse for it', async () => {
  const mapped = ['run', '--uidmap=0:2000000000:65536'];
  const fails = [mapped, ['run', '--init'], ['run', '--network=bridge'], ['run', '--network=slirp4netns']];
  await fake.answers(answers({ says: info({ seccomp: false }), fails }));
  expect(await probed()).toMatchObject({ user_mapping: { kind: 'none' }, init: false, open_network: null, seccomp_profile: null });
});

test('a seccomp profile that cannot be read, or under which nothing starts, is an error and not a missing wall', async () => {
  await fake.answers(answers());
  await expect(probed({ readHostText: async () => null })).rejects.toMatchObject({ code: 'SECCOMP_PROFILE_UNREADABLE' });
  await fake.remove();
  fake = await openFakePodman();
  await fake.answers(answers({ fails: [['run', '--security-opt=seccomp=/state/seccomp.json']] }));
  await expect(probed()).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
});
