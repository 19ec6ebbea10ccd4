/** What real podman does too seldom, or only when something is wrong; the rest is the contract, which real podman is held to. */
import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import type { OutputChunk, ProcessEnd, Processes } from '../processes.ts';
import { tarOfFiles } from '../tar.ts';
import { engineProfile } from '../testing/engine-profile.ts';
import { podmanRuntime } from './podman-runtime.ts';
import { openPodman } from './podman.ts';
import { runSpec } from '../testing/run-spec.ts';

type Answer = { readonly to: string; readonly stdout?: string | Uint8Array; readonly stderr?: string; readonly exit?: number };

const bytes = (text: string | Uint8Array): Uint8Array => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** A podman that gives each answer once, to the verb it is for, and 99 where there is none. */
function runtimeOf(answers: readonly Answer[]) {
  const left = [...answers];
  const calls: string[] = [];
  const next = (args: readonly string[]): Answer => {
    calls.push(args.join(' '));
    const index = left.findIndex(({ to }) => to === args[0]);
    return left.splice(index, index < 0 ? 0 : 1)[0] ?? { to: '', stderr: 'no answer', exit: 99 };
  };
  const endOf = ({ exit = 0 }: Answer): ProcessEnd => ({ kind: 'exited', exitCode: exit });
  const processes: Processes = {
    async run({ args }) {
      const answer = next(args);
      return { end: endOf(answer), stdout: bytes(answer.stdout ?? ''), stderr: bytes(answer.stderr ?? '') };
    },
    open({ args }) {
      const answer = next(args);
      const output = (async function* both(): AsyncGenerator<OutputChunk> {
        yield { stream: 'stderr', bytes: bytes(answer.stderr ?? '') };
        yield { stream: 'stdout', bytes: bytes(answer.stdout ?? '') };
      })();
      return { output, ended: Promise.resolve(endOf(answer)) };
    },
    runOnTerminal: async () => ({ kind: 'exited', exitCode: 0 }),
  };
  const files = memoryFiles({ '/host/mine': 'mine' });
  const podman = openPodman(processes, { binary: 'podman', env: {}, cwd: '/', globalArgs: [] });
  return { runtime: podmanRuntime(podman, { engine: () => engineProfile(), files }), calls, files };
}

const spec = runSpec();

const event = (name: string, status: string, labels: Readonly<Record<string, string>>) =>
  `${JSON.stringify({ Type: 'container', Name: name, Status: status, Attributes: labels })}\n`;
const ours = { 'ai.terok.root': 'a', 'ai.terok.task': 'b' };

test('a stream of events that breaks is taken up again, and only what has all of the labels is told', async () => {
  const { runtime, calls } = runtimeOf([
    { to: 'events', stdout: `${event('one', 'start', ours)}${event('other', 'start', { 'ai.terok.root': 'a' })}half of a l`, exit: 125 },
    { to: 'events', stdout: `ine\n${event('two', 'died', ours)}` },
  ]);
  const enough = new AbortController();
  const seen: string[] = [];
  for await (const { name, status } of runtime.events(ours, { signal: enough.signal })) {
    seen.push(`${name} ${status}`);
    if (name === 'two') enough.abort();
  }
  expect(seen).toEqual(['one start', 'two died']);
  expect(calls).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^events /) as string));
});

test('a container whose mounts are held for a moment is asked for again, and one that stays is told of', async () => {
  const busy = { to: 'rm', stderr: 'Error: unmounting: device or resource busy\n', exit: 125 };
  const released = runtimeOf([busy, busy, { to: 'rm' }]);
  expect(await released.runtime.remove(['x'])).toEqual([{ name: 'x', removed: true, error: null }]);
  expect(released.calls).toHaveLength(3);

  const held = runtimeOf(Array.from({ length: 20 }, () => busy));
  expect(await held.runtime.remove(['x'])).toEqual([{ name: 'x', removed: false, error: 'Error: unmounting: device or resource busy' }]);
  expect(held.calls).toHaveLength(5);
});

test('one container that cannot be removed keeps none of the others', async () => {
  const { runtime } = runtimeOf([{ to: 'rm', stderr: 'Error: \u001b[31mno\u001b[0m\n', exit: 125 }, { to: 'rm' }]);
  expect(await runtime.remove(['x', 'y'])).toEqual([
    { name: 'x', removed: false, error: 'Error: no' },
    { name: 'y', removed: true, error: null },
  ]);
});

test('a name that is taken is one error, and what else podman says of it another', async () => {
  const taken = runtimeOf([
    {
      to: 'create',
      stderr: 'Error: creating container storage: the container name "demo-run-k3v8h" is already in use by f00\n',
      exit: 125,
    },
  ]);
  await expect(taken.runtime.create(spec)).rejects.toMatchObject({ code: 'CONTAINER_NAME_TAKEN' });
  const failed = runtimeOf([{ to: 'create', stderr: 'Error: no such image\n', exit: 125 }]);
  await expect(failed.runtime.create(spec)).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
});

test.each([
  {
    what: 'a word that is no code',
    answers: [
      { to: 'container', stdout: 'running\n' },
      { to: 'wait', stdout: 'soon\n' },
    ],
    kind: 'failed',
  },
  {
    what: 'a container that goes meanwhile',
    answers: [
      { to: 'container', stdout: 'running\n' },
      { to: 'wait', stderr: 'Error: no such container x\n', exit: 125 },
    ],
    kind: 'gone',
  },
  { what: 'a podman that cannot look', answers: [{ to: 'container', stderr: 'Error: database is locked\n', exit: 125 }], kind: 'failed' },
  {
    what: 'a code below zero',
    answers: [
      { to: 'container', stdout: 'exited\n' },
      { to: 'wait', stdout: '-1\n' },
    ],
    kind: 'exited',
  },
])('$what: waiting ends as $kind', async ({ answers, kind }) => {
  expect(await runtimeOf(answers).runtime.wait('x')).toMatchObject({ kind });
});

test('an archive that breaks off, or that podman takes back at its end, leaves nothing on the host', async () => {
  const archive = tarOfFiles({ seed: 'x'.repeat(2000) });
  const copies: readonly Answer[] = [
    { to: 'cp', stdout: archive.subarray(0, 1024), stderr: 'Error: cut\n', exit: 125 },
    { to: 'cp', stdout: archive, stderr: 'Error: changed while it was read\n', exit: 125 },
    { to: 'cp', stderr: 'Error: "/tmp/seed" could not be found\n', exit: 125 },
  ];
  for (const answer of copies) {
    const { runtime, files } = runtimeOf([answer]);
    await expect(runtime.copyOut('x', '/tmp/seed', '/host')).rejects.toMatchObject({ exitCode: 1 });
    expect(files.paths()).toEqual(['/host/mine']);
  }
  const { runtime, files } = runtimeOf([{ to: 'cp', stdout: archive }]);
  await runtime.copyOut('x', '/tmp/seed', '/host');
  expect(files.paths()).toEqual(['/host/mine', '/host/seed']);
});

test('the code of a program is its own, and podman’s is podman’s', async () => {
  const own = runtimeOf([{ to: 'exec', stderr: 'sorry\n', exit: 125 }]);
  expect(await own.runtime.exec('x', ['/bin/true'])).toMatchObject({ exitCode: 125 });
  for (const [exit, stderr] of [
    [125, 'Error: no container with name or ID "x" found\n'],
    [255, 'Error: can only create exec sessions on running containers: container state improper\n'],
  ] as const)
    await expect(runtimeOf([{ to: 'exec', stderr, exit }]).runtime.exec('x', ['/bin/true'])).rejects.toMatchObject({
      code: 'PODMAN_FAILED',
    });
});

test('a container for one program is removed by podman itself, and by us where podman may have failed to', async () => {
  const verbs = async (answer: Answer) => {
    const { runtime, calls } = runtimeOf([answer, { to: 'rm' }]);
    await runtime.runOnce(spec).catch(() => {});
    return calls.map((call) => call.split(' ', 1)[0]);
  };
  expect(await verbs({ to: 'run', stderr: 'sorry\n', exit: 3 })).toEqual(['run']);
  expect(await verbs({ to: 'run', stderr: 'time="2026" level=error msg="Removing container"\n' })).toEqual(['run', 'rm']);
  expect(await verbs({ to: 'run', stderr: 'x\nError: removing container: device or resource busy\n' })).toEqual(['run', 'rm']);
  expect(await verbs({ to: 'run', stderr: 'Error: no such image\n', exit: 125 })).toEqual(['run', 'rm']);
});

test('a query that podman fails, or answers with something else, is no answer', async () => {
  for (const answer of [
    { to: 'ps', exit: 125 },
    { to: 'ps', stdout: 'Error' },
  ]) {
    expect(await runtimeOf([answer]).runtime.containers({})).toBeNull();
    expect(await runtimeOf([answer]).runtime.writtenBytes({})).toBeNull();
  }
});

test.each([
  [{}, 0],
  [{ follow: true }, 0],
  [{ timeoutMs: 5000 }, 5000],
])('a log that is read with %j may take %i ms, of which 0 is no limit; one that takes longer is an error', async (options, limitMs) => {
  const limits: unknown[] = [];
  const processes: Processes = {
    run: async () => {
      throw new Error('nothing is to be run');
    },
    open({ timeoutMs }) {
      limits.push(timeoutMs);
      return { output: (async function* none(): AsyncGenerator<OutputChunk> {})(), ended: Promise.resolve({ kind: 'timed_out' }) };
    },
    runOnTerminal: async () => ({ kind: 'exited', exitCode: 0 }),
  };
  const podman = openPodman(processes, { binary: 'podman', env: {}, cwd: '/', globalArgs: [] });
  const runtime = podmanRuntime(podman, { engine: () => engineProfile(), files: memoryFiles() });
  await expect(Array.fromAsync(runtime.logs('c', options))).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
  expect(limits).toEqual([limitMs]);
});
