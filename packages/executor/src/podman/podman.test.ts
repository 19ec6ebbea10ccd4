import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import { nodeProcesses } from '../node-processes.ts';
import { lastLines, openPodman, podmanEnvironment } from './podman.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman({ globalArgs: ['--root=/storage', '--runtime=crun'] });
});
afterEach(() => fake.remove());

test('what podman printed is answered, and its global words go before the verb', async () => {
  await fake.answers([{ to: ['version'], stdout: '5.4.0\n' }]);
  expect(await fake.podman.run(['version', '--format={{.Client.Version}}'])).toBe('5.4.0\n');
  expect((await fake.calls()).map(({ args }) => args)).toEqual([
    ['--root=/storage', '--runtime=crun', 'version', '--format={{.Client.Version}}'],
  ]);
});

test('other global words can be put before every verb', async () => {
  await fake.answers([{ to: ['info'] }]);
  const other = fake.podman.withGlobalArgs(['--log-level=error']);
  await other.run(['info']);
  expect((await fake.calls()).map(({ args }) => args)).toEqual([['--log-level=error', 'info']]);
  expect(other.commandLine(['info'])).toEqual([fake.binary, '--log-level=error', 'info']);
});

test('a failure says which verb it was, how it ended, and the last of what podman said', async () => {
  const stderr = `${Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')}\nError: \u001b[31mno such\u001b[0m image\n`;
  await fake.answers([{ to: ['create'], stderr, exit: 125 }]);
  const failure = await fake.podman.run(['create', '--name=secret-name', '--', 'x']).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'PODMAN_FAILED',
    message: expect.stringMatching(/^`podman create` ended with 125\.\n\nline 11\n/) as string,
  });
  expect((failure as Error).message).toMatch(/\nError: no such image$/);
  expect((failure as Error).message).not.toContain('secret-name');
});

test.each([
  { stderr: 'Error: write /x: no space left on device\n', hint: /disk is full/ },
  { stderr: 'Error: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied\n', hint: /terok setup/ },
])('what can be done about $stderr is said', async ({ stderr, hint }) => {
  await fake.answers([{ to: ['start'], stderr, exit: 126 }]);
  await expect(fake.podman.run(['start', '--', 'x'])).rejects.toMatchObject({
    code: 'PODMAN_FAILED',
    hint: expect.stringMatching(hint) as string,
  });
});

test('how it ended and both outputs are an answer too, as bytes', async () => {
  await fake.answers([{ to: ['ps'], stdout: 'ä\n', stderr: 'warning\n', exit: 125 }]);
  const { end, stdout, stderr } = await fake.podman.attempt(['ps']);
  expect({ end, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() }).toEqual({
    end: { kind: 'exited', exitCode: 125 },
    stdout: 'ä\n',
    stderr: 'warning\n',
  });
});

test('a podman that is not there is one error of its own, whichever way it is called', async () => {
  const podman = openPodman(nodeProcesses, { binary: '/nonexistent/podman', env: {}, cwd: '/', globalArgs: [] });
  await expect(podman.run(['version'])).rejects.toMatchObject({ code: 'PODMAN_MISSING', exitCode: 5 });
  await expect(podman.attempt(['version'])).rejects.toMatchObject({ code: 'PODMAN_MISSING' });
});

test('a podman that may not be executed is missing', async () => {
  const podman = openPodman(nodeProcesses, { binary: '/etc/passwd', env: {}, cwd: '/', globalArgs: [] });
  await expect(podman.run(['version'])).rejects.toMatchObject({ code: 'PODMAN_MISSING' });
});

test('a podman that does not end in time is ended', async () => {
  await fake.answers([{ to: ['ps'], stdout: '[', hangs: true }]);
  await expect(fake.podman.run(['ps'], { timeoutMs: 500 })).rejects.toMatchObject({
    code: 'PODMAN_FAILED',
    message: '`podman ps` took too long and was ended.',
  });
});

test('a call can be given up', async () => {
  await fake.answers([{ to: ['wait'], hangs: true }]);
  const { end } = await fake.podman.attempt(['wait', '--', 'x'], { signal: AbortSignal.timeout(300) });
  expect(end).toEqual({ kind: 'aborted' });
});

test('a podman that prints without end is ended', async () => {
  await fake.answers([{ to: ['ps'], stdout: 'x'.repeat(100_000) }]);
  const { end, stdout } = await fake.podman.attempt(['ps'], { outputMaxBytes: 1000 });
  expect(end).toEqual({ kind: 'output_too_large' });
  expect(stdout.length).toBeLessThanOrEqual(1000);
});

test('input arrives as it is', async () => {
  await fake.answers([{ to: ['import'], readsInput: true }]);
  const input = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
  await fake.podman.run(['import', '-'], { input });
  expect((await fake.calls())[0]?.input).toBe(Buffer.from(input).toString('base64'));
});

test('a podman that reads none of its input is no failure', async () => {
  await fake.answers([{ to: ['import'], stdout: 'done' }]);
  expect(await fake.podman.run(['import', '-'], { input: 'y'.repeat(5_000_000) })).toBe('done');
});

test('podman gets the environment it was given and nothing else', async () => {
  await fake.answers([{ to: ['info'] }]);
  await fake.podman.run(['info'], { env: { EXTRA: 'yes' } });
  expect(Object.keys((await fake.calls())[0]?.env ?? {}).toSorted()).toEqual(['EXTRA', 'FAKE_PODMAN', 'PATH']);
});

test('both outputs are drained, however much comes on either', async () => {
  await fake.answers([{ to: ['logs'], stdout: 'o'.repeat(2_000_000), stderr: 'e'.repeat(2_000_000) }]);
  const { output, ended } = fake.podman.open(['logs']);
  const bytes = { stdout: 0, stderr: 0 };
  for await (const chunk of output) bytes[chunk.stream] += chunk.bytes.length;
  expect(bytes).toEqual({ stdout: 2_000_000, stderr: 2_000_000 });
  expect(await ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('of the caller’s environment podman gets what it needs to find its storage and the network', () => {
  const kept = {
    PATH: '/bin',
    HOME: '/h',
    XDG_RUNTIME_DIR: '/run/user/1',
    CONTAINERS_CONF: '/c',
    https_proxy: 'http://p',
    REGISTRY_AUTH_FILE: '/a',
  };
  const left = {
    ANTHROPIC_API_KEY: 'k',
    GITHUB_TOKEN: 't',
    LD_PRELOAD: '/x.so',
    PODMAN_USERNS: 'host',
    CONTAINER_HOST: 'ssh://x',
    LANG: 'de_DE',
  };
  expect(podmanEnvironment({ ...kept, ...left })).toEqual({ ...kept, LC_ALL: 'C.UTF-8' });
});

test('the last lines of a text come without what would move a terminal', () => {
  expect(lastLines('a\nb\n\u001b[2Jc\u0007\n\n', 2)).toBe('b\nc');
});
