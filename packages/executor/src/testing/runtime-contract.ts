/**
 * What every runtime keeps to, clause by clause: real podman and the one in memory are held to the same words. A clause
 * throws an `AssertionError` where it is broken; whoever runs them brings containers that can run the contract's programs.
 */
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Files } from '@terok/sandbox';
import type { OutputChunk } from '../processes.ts';
import type { RunSpec } from '../run-spec.ts';
import type { ContainerEvent, ContainerRow, ExecResult, LabelFilter, Runtime } from '../runtime.ts';
import type { ContainerTree } from './memory-runtime.ts';

/** The same program twice: a script for `/bin/sh -c`, and what becomes of it. Without an exit code it runs until it is stopped. */
export type ContractProgram = {
  readonly script: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** What it leaves on its disk. */
  readonly tree?: ContainerTree;
};

const speaks = {
  script: 'echo one; echo two; echo aside >&2; echo three; exit 7',
  stdout: 'one\ntwo\nthree\n',
  stderr: 'aside\n',
  exitCode: 7,
} as const satisfies ContractProgram;
const ends124 = { script: 'exit 124', stdout: '', stderr: '', exitCode: 124 } as const satisfies ContractProgram;
const ends125 = { script: 'echo sorry >&2; exit 125', stdout: '', stderr: 'sorry\n', exitCode: 125 } as const satisfies ContractProgram;
const counts = {
  script: 'echo 1; echo 2; echo 3; echo 4',
  stdout: '1\n2\n3\n4\n',
  stderr: '',
  exitCode: 0,
} as const satisfies ContractProgram;
const goesOn = { script: 'echo begun; sleep 600', stdout: 'begun\n', stderr: '', exitCode: null } as const satisfies ContractProgram;
const heedsNothing = {
  script: 'trap "" TERM; echo deaf; while :; do sleep 1; done',
  stdout: 'deaf\n',
  stderr: '',
  exitCode: null,
} as const satisfies ContractProgram;

const repeats = { script: 'cat; exit 3', stdout: '', stderr: '', exitCode: 3 } as const satisfies ContractProgram;

const readsParcel = {
  script: 'cat /tmp/parcel/text',
  stdout: 'from the host\n',
  stderr: '',
  exitCode: 0,
} as const satisfies ContractProgram;

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const longName = 'long'.repeat(40);
/** All that a container can put on its disk to make a copy of it go astray. */
const sows = {
  script: [
    'mkdir -p /tmp/seed/folder && cd /tmp/seed && printf "good\\n" >file && chmod 4755 file && ln file folder/twin',
    'ln -s / root && ln -s ../../../../../../etc/passwd passwd && ln -s file near && mkfifo pipe',
    `printf x >"$(printf 'two\\nlines')" && printf '\\000\\377' >${longName} && chmod 600 ${longName} && echo sown; sleep 600`,
  ].join('; '),
  stdout: 'sown\n',
  stderr: '',
  exitCode: null,
  tree: {
    '/tmp/seed': { kind: 'directory', mode: 0o755 },
    '/tmp/seed/file': { kind: 'file', content: textBytes('good\n'), mode: 0o4755 },
    '/tmp/seed/folder': { kind: 'directory', mode: 0o755 },
    '/tmp/seed/folder/twin': { kind: 'file', content: textBytes('good\n'), mode: 0o4755 },
    [`/tmp/seed/${longName}`]: { kind: 'file', content: Uint8Array.of(0, 255), mode: 0o600 },
    '/tmp/seed/near': { kind: 'other' },
    '/tmp/seed/passwd': { kind: 'other' },
    '/tmp/seed/pipe': { kind: 'other' },
    '/tmp/seed/root': { kind: 'other' },
    '/tmp/seed/two\nlines': { kind: 'file', content: textBytes('x'), mode: 0o644 },
  },
} as const satisfies ContractProgram;

export const contractPrograms: readonly ContractProgram[] = [
  ...[speaks, ends124, ends125, counts, goesOn, heedsNothing, repeats],
  ...[readsParcel, sows],
];

export type ContractWorld = {
  readonly runtime: Runtime;
  /** A runtime whose engine answers no question. */
  readonly failing: Runtime;
  /** A container of a name that no other has, with the labels of this world and these. */
  readonly spec: (program: ContractProgram, labels?: LabelFilter) => RunSpec;
  /** The labels that every description of this world has. */
  readonly labels: LabelFilter;
  /** Freezes a running container; no one but a person does so. False where the engine cannot, and then the container goes on. */
  readonly pause: (name: string) => Promise<boolean>;
  /** The disk that copies come from and go to, and a new folder on it that the engine can read and that is gone afterwards. */
  readonly files: Files;
  readonly folder: () => Promise<string>;
};

export type ContractClause = { readonly clause: string; readonly holds: (world: ContractWorld) => Promise<void> };

export const runtimeContract: readonly ContractClause[] = [
  {
    clause: 'a container that was made and not started has no times and no exit code',
    async holds(world) {
      const spec = world.spec(speaks);
      await world.runtime.create(spec);
      const { state, startedAt, finishedAt, exitCode } = await rowOf(world, spec.name);
      deepEqual({ state, startedAt, finishedAt, exitCode }, { state: 'created', startedAt: null, finishedAt: null, exitCode: null });
    },
  },
  {
    clause: 'waiting for a container that was never started says so at once',
    async holds(world) {
      const spec = world.spec(speaks);
      await world.runtime.create(spec);
      deepEqual(await world.runtime.wait(spec.name), { kind: 'never_started' });
    },
  },
  {
    clause: 'stopping a container that was never started leaves it as it is',
    async holds(world) {
      const spec = world.spec(goesOn);
      await world.runtime.create(spec);
      await world.runtime.stop(spec.name, { graceSeconds: 1 });
      equal((await rowOf(world, spec.name)).state, 'created');
    },
  },
  {
    clause: 'a container whose namespaces are made runs nothing until it is started',
    async holds(world) {
      const spec = world.spec(speaks);
      await world.runtime.create(spec);
      await world.runtime.init(spec.name);
      const { state, startedAt, exitCode } = await rowOf(world, spec.name);
      deepEqual({ state, startedAt, exitCode }, { state: 'initialized', startedAt: null, exitCode: null });
      deepEqual(await world.runtime.wait(spec.name), { kind: 'never_started' });
      await world.runtime.start(spec.name);
      deepEqual(await world.runtime.wait(spec.name), { kind: 'exited', exitCode: 7 });
      deepEqual(await collected(world.runtime.logs(spec.name)), { stdout: speaks.stdout, stderr: speaks.stderr });
    },
  },
  {
    clause: 'a container runs, ends, and keeps its exit code and its times',
    async holds(world) {
      const { name } = await started(world, speaks);
      deepEqual(await world.runtime.wait(name), { kind: 'exited', exitCode: 7 });
      const { state, exitCode, startedAt, finishedAt } = await rowOf(world, name);
      deepEqual({ state, exitCode }, { state: 'exited', exitCode: 7 });
      ok(startedAt !== null && finishedAt !== null && startedAt <= finishedAt);
    },
  },
  {
    clause: 'a running container has a start and neither an end nor an exit code',
    async holds(world) {
      const { name } = await started(world, goesOn);
      const { state, startedAt, finishedAt, exitCode } = await rowOf(world, name);
      deepEqual({ state, finishedAt, exitCode }, { state: 'running', finishedAt: null, exitCode: null });
      ok(startedAt !== null);
    },
  },
  {
    clause: 'a container keeps the labels it was made with',
    async holds(world) {
      const spec = world.spec(speaks, { 'ai.terok.task': 'k3v8h' });
      await world.runtime.create(spec);
      const { labels } = await rowOf(world, spec.name);
      for (const [name, value] of Object.entries(spec.labels)) equal(labels[name], value);
    },
  },
  {
    clause: 'a container that ended with 124 has ended, and one that is waited for too long has timed out',
    async holds(world) {
      const ended = await started(world, ends124);
      deepEqual(await world.runtime.wait(ended.name, { timeoutMs: 60_000 }), { kind: 'exited', exitCode: 124 });
      const running = await started(world, goesOn);
      deepEqual(await world.runtime.wait(running.name, { timeoutMs: 300 }), { kind: 'timed_out' });
      equal((await rowOf(world, running.name)).state, 'running');
    },
  },
  {
    clause: 'waiting can be given up, and the container goes on',
    async holds(world) {
      const { name } = await started(world, goesOn);
      deepEqual(await world.runtime.wait(name, { signal: AbortSignal.timeout(100) }), { kind: 'aborted' });
      equal((await rowOf(world, name)).state, 'running');
    },
  },
  {
    clause: 'many may wait for the same end',
    async holds(world) {
      const { name } = await started(world, goesOn);
      const waits = [world.runtime.wait(name), world.runtime.wait(name)];
      await world.runtime.stop(name, { graceSeconds: 10 });
      const [first, second] = await Promise.all(waits);
      equal(first?.kind, 'exited');
      deepEqual(first, second);
    },
  },
  {
    clause: 'what is not there is gone to who waits, removed to who removes, and an error to all others',
    async holds({ runtime }) {
      deepEqual(await runtime.wait('no-such-container'), { kind: 'gone' });
      deepEqual(await runtime.remove(['no-such-container']), [{ name: 'no-such-container', removed: true, error: null }]);
      const failure = { code: 'PODMAN_FAILED' };
      await rejects(runtime.start('no-such-container'), failure);
      await rejects(runtime.stop('no-such-container', { graceSeconds: 1 }), failure);
      await rejects(runtime.exec('no-such-container', ['/bin/true']), failure);
      await rejects(collected(runtime.logs('no-such-container')), failure);
    },
  },
  {
    clause: 'a name is given once, and who has it keeps it',
    async holds(world) {
      const spec = world.spec(goesOn);
      await world.runtime.create(spec);
      const { id } = await rowOf(world, spec.name);
      await rejects(world.runtime.create(spec), { code: 'CONTAINER_NAME_TAKEN' });
      equal((await rowOf(world, spec.name)).id, id);
    },
  },
  {
    clause: 'the log has both streams, apart, byte for byte',
    async holds(world) {
      const { name } = await started(world, speaks);
      await world.runtime.wait(name);
      deepEqual(await collected(world.runtime.logs(name)), { stdout: speaks.stdout, stderr: speaks.stderr });
    },
  },
  {
    clause: 'the log of a running container is what it has said so far',
    async holds(world) {
      const { name } = await started(world, goesOn);
      await spoken(world, name, goesOn.stdout);
      deepEqual(await collected(world.runtime.logs(name)), { stdout: goesOn.stdout, stderr: '' });
    },
  },
  {
    clause: 'of a long log only the last lines come when that is asked for',
    async holds(world) {
      const { name } = await started(world, counts);
      await world.runtime.wait(name);
      for (const [tail, stdout] of [
        [2, '3\n4\n'],
        [9, '1\n2\n3\n4\n'],
        [0, ''],
      ] as const)
        deepEqual(await collected(world.runtime.logs(name, { tail })), { stdout, stderr: '' });
    },
  },
  {
    clause: 'of a log only what was said since comes when that is asked for',
    async holds(world) {
      const { name } = await started(world, counts);
      await world.runtime.wait(name);
      const { startedAt, finishedAt } = await rowOf(world, name);
      const hour = 3_600_000;
      const since = async (moment: Date | null, ms: number) =>
        (await collected(world.runtime.logs(name, { since: new Date((moment?.getTime() ?? 0) + ms) }))).stdout;
      equal(await since(startedAt, -hour), counts.stdout);
      equal(await since(finishedAt, hour), '');
    },
  },
  {
    clause: 'each line of the log says when it was, when that is asked for',
    async holds(world) {
      const { name } = await started(world, counts);
      await world.runtime.wait(name);
      const { stdout } = await collected(world.runtime.logs(name, { timestamps: true }));
      match(stdout, /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) \d\n){4}$/);
    },
  },
  {
    clause: 'a log that is followed ends with its container',
    async holds(world) {
      const { name } = await started(world, goesOn);
      const following = collected(world.runtime.logs(name, { follow: true }));
      await spoken(world, name, goesOn.stdout);
      await world.runtime.stop(name, { graceSeconds: 10 });
      deepEqual(await following, { stdout: goesOn.stdout, stderr: '' });
    },
  },
  {
    clause: 'a log that is followed ends when it is told to, and the container goes on',
    async holds(world) {
      const { name } = await started(world, goesOn);
      await spoken(world, name, goesOn.stdout);
      const signal = AbortSignal.timeout(1000);
      deepEqual(await collected(world.runtime.logs(name, { follow: true, signal })), { stdout: goesOn.stdout, stderr: '' });
      equal((await rowOf(world, name)).state, 'running');
    },
  },
  {
    clause: 'a program in a running container gives its code and both streams',
    async holds(world) {
      const { name } = await started(world, goesOn);
      deepEqual(textOf(await world.runtime.exec(name, ['/bin/sh', '-c', speaks.script])), result(speaks));
      deepEqual(textOf(await world.runtime.exec(name, ['/bin/sh', '-c', ends125.script])), result(ends125));
    },
  },
  {
    clause: 'bytes go to a program in a container and come back as they are, with its code',
    async holds(world) {
      const { name } = await started(world, goesOn);
      const sent = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
      const received: Uint8Array[] = [];
      const input = (async function* pieces() {
        for (let from = 0; from < sent.length; from += 30_000) yield sent.subarray(from, from + 30_000);
      })();
      const write = ({ bytes }: OutputChunk) => void received.push(bytes);
      equal(await world.runtime.bridge(name, ['/bin/sh', '-c', repeats.script], { input, write }), 3);
      ok(Buffer.concat(received).equals(sent));
    },
  },
  {
    clause: 'no program runs in a container that does not',
    async holds(world) {
      const spec = world.spec(speaks);
      await world.runtime.create(spec);
      await rejects(world.runtime.exec(spec.name, ['/bin/sh', '-c', speaks.script]), { code: 'PODMAN_FAILED' });
    },
  },
  {
    clause: 'a folder goes into a container and comes out again with its names, its bytes and its modes',
    async holds(world) {
      const { runtime, files } = world;
      const { name } = await started(world, goesOn);
      const from = await world.folder();
      const parcel = join(from, 'parcel');
      const binary = Uint8Array.from({ length: 100_000 }, (_, index) => (index * index) % 256);
      await files.createDirectory(parcel, { mode: 0o755 });
      await files.createDirectory(join(parcel, 'empty'), { mode: 0o700 });
      await files.replace(join(parcel, 'text'), readsParcel.stdout, { mode: 0o640 });
      await files.replace(join(parcel, 'program'), binary, { mode: 0o755 });
      await files.replace(join(parcel, 'empty.bin'), '', { mode: 0o600 });
      await files.replace(join(parcel, `${'deep '.repeat(20)}ä`), 'long', { mode: 0o644 });
      await runtime.copyIn(name, parcel, '/tmp');
      deepEqual(textOf(await runtime.exec(name, ['/bin/sh', '-c', readsParcel.script])), result(readsParcel));

      const to = await world.folder();
      deepEqual(await runtime.copyOut(name, '/tmp/parcel', to), { leftOut: [] });
      deepEqual(await contentsOf(files, to), await contentsOf(files, from));
      deepEqual(await runtime.copyOut(name, '/tmp/parcel/program', await world.folder()), { leftOut: [] });
    },
  },
  {
    clause: 'whatever a container has on its disk, a copy of it writes only files and folders, only where it is told to',
    async holds(world) {
      const { runtime, files } = world;
      const { name } = await started(world, sows);
      await spoken(world, name, sows.stdout);
      const to = await world.folder();
      const { leftOut } = await runtime.copyOut(name, '/tmp/seed', to);
      deepEqual(leftOut.map((path) => path.slice(0, 10)).toSorted(), ['seed/near', 'seed/passw', 'seed/pipe', 'seed/root', 'seed/two l']);
      deepEqual(await contentsOf(files, to), {
        seed: 'folder 755',
        'seed/file': '755 Z29vZAo=',
        'seed/folder': 'folder 755',
        'seed/folder/twin': '755 Z29vZAo=',
        [`seed/${longName}`]: '600 AP8=',
      });
    },
  },
  {
    clause: 'a copy that is refused or fails leaves nothing of it, and what was there stays',
    async holds(world) {
      const { runtime, files } = world;
      const { name } = await started(world, sows);
      await spoken(world, name, sows.stdout);
      const to = await world.folder();
      const refused = { code: 'COPY_REFUSED' };
      await rejects(runtime.copyOut(name, '/tmp/seed', to, { bytesMax: 6 }), refused);
      deepEqual(await contentsOf(files, to), {});
      await files.replace(join(to, 'seed'), 'mine');
      await rejects(runtime.copyOut(name, '/tmp/seed', to), refused);
      await rejects(runtime.copyOut(name, '/tmp/seed/file', join(to, 'nowhere')), refused);
      for (const path of ['tmp/seed', '/tmp/../etc', '/', '/tmp/seed/.', '/tmp/seed/', '--help'])
        await rejects(runtime.copyOut(name, path, to), refused);
      await rejects(runtime.copyOut(name, '/tmp/none', to), { code: 'PODMAN_FAILED' });
      deepEqual(await contentsOf(files, to), { seed: '600 bWluZQ==' });

      await rejects(runtime.copyIn(name, join(to, 'none'), '/tmp'), refused);
      await rejects(runtime.copyIn(name, join(to, 'seed'), '/tmp/../tmp'), refused);
      await rejects(runtime.copyIn(name, join(to, 'seed'), '/tmp/none'), { code: 'PODMAN_FAILED' });
    },
  },
  {
    clause: 'a container for one program gives its code and both streams, and is gone',
    async holds(world) {
      for (const program of [speaks, ends124, ends125]) {
        const spec = world.spec(program);
        deepEqual(textOf(await world.runtime.runOnce(spec)), result(program));
        equal(await foundRow(world, spec.name), undefined);
      }
    },
  },
  {
    clause: 'a running container stops when it is asked, long before its grace is over',
    async holds(world) {
      const { name } = await started(world, goesOn);
      await world.runtime.stop(name, { graceSeconds: 600 });
      const { state, exitCode, finishedAt } = await rowOf(world, name);
      deepEqual({ state, exitCode }, { state: 'exited', exitCode: 143 });
      ok(finishedAt !== null);
    },
  },
  {
    clause: 'a container that heeds no request is down when its grace is over',
    async holds(world) {
      const { name } = await started(world, heedsNothing);
      await spoken(world, name, heedsNothing.stdout);
      await world.runtime.stop(name, { graceSeconds: 1 });
      equal((await rowOf(world, name)).state, 'exited');
    },
  },
  {
    clause: 'a paused container is seen to be paused, and stops like any other',
    async holds(world) {
      const { name } = await started(world, goesOn);
      const state = (await world.pause(name)) ? 'paused' : 'running';
      const row = await rowOf(world, name);
      deepEqual({ state: row.state, exitCode: row.exitCode }, { state, exitCode: null });
      await world.runtime.stop(name, { graceSeconds: 10 });
      equal((await rowOf(world, name)).state, 'exited');
    },
  },
  {
    clause: 'stopping what has ended changes nothing',
    async holds(world) {
      const { name } = await started(world, speaks);
      await world.runtime.wait(name);
      await world.runtime.stop(name, { graceSeconds: 1 });
      equal((await rowOf(world, name)).exitCode, 7);
    },
  },
  {
    clause: 'a container that has ended can be started again, and its first end is forgotten',
    async holds(world) {
      const { name } = await started(world, goesOn);
      await world.runtime.stop(name, { graceSeconds: 10 });
      await world.runtime.start(name);
      const { state, exitCode, finishedAt } = await rowOf(world, name);
      deepEqual({ state, exitCode, finishedAt }, { state: 'running', exitCode: null, finishedAt: null });
    },
  },
  {
    clause: 'removing takes a container whatever its state, and each on its own',
    async holds(world) {
      const made = world.spec(goesOn);
      await world.runtime.create(made);
      const running = await started(world, heedsNothing);
      const paused = await started(world, goesOn);
      await world.pause(paused.name);
      const ended = await started(world, speaks);
      await world.runtime.wait(ended.name);

      const names = [made.name, 'no-such-container', running.name, paused.name, ended.name];
      deepEqual(
        await world.runtime.remove(names),
        names.map((name) => ({ name, removed: true, error: null })),
      );
      deepEqual(await world.runtime.containers(world.labels), []);
      deepEqual(await world.runtime.wait(running.name), { kind: 'gone' });
    },
  },
  {
    clause: 'removing nothing is fine',
    async holds({ runtime }) {
      deepEqual(await runtime.remove([]), []);
    },
  },
  {
    clause: 'only containers with all of the labels are seen',
    async holds(world) {
      const one = world.spec(speaks, { 'ai.terok.task': 'one' });
      const two = world.spec(speaks, { 'ai.terok.task': 'two', 'ai.terok.mode': 'run' });
      await world.runtime.create(one);
      await world.runtime.create(two);
      const seen = async (labels: LabelFilter) =>
        (await world.runtime.containers({ ...world.labels, ...labels }))?.map((row) => row.name).toSorted();
      deepEqual(await seen({}), [one.name, two.name].toSorted());
      deepEqual(await seen({ 'ai.terok.task': 'one' }), [one.name]);
      deepEqual(await seen({ 'ai.terok.task': 'two', 'ai.terok.mode': 'run' }), [two.name]);
      deepEqual(await seen({ 'ai.terok.task': 'one', 'ai.terok.mode': 'run' }), []);
      deepEqual(await seen({ 'ai.terok.task': 'on' }), []);
      deepEqual(await seen({ 'ai.terok.task': '' }), []);
    },
  },
  {
    clause: 'what happens to a container is told, in order, to who listens for its labels',
    async holds(world) {
      const heard = new AbortController();
      const seen: ContainerEvent[] = [];
      const listening = (async () => {
        for await (const event of world.runtime.events({ ...world.labels, 'ai.terok.task': 'heard' }, { signal: heard.signal })) {
          seen.push(event);
          if (event.status === 'died') break;
        }
        heard.abort();
      })();
      // Who listens is not told from when on: containers come until one is heard of.
      for (let round = 0; round < 60 && !heard.signal.aborted; round++) {
        await started(world, counts, { 'ai.terok.task': 'unheard' });
        await started(world, counts, { 'ai.terok.task': 'heard' });
        await Promise.race([listening, setTimeout(1000, undefined, { ref: false })]);
      }
      heard.abort();
      await listening;
      equal(seen.at(-1)?.status, 'died');
      ok(seen.every(({ labels }) => labels['ai.terok.task'] === 'heard'));
      const last = seen.filter(({ name }) => name === seen.at(-1)?.name).map(({ status }) => status);
      deepEqual(
        last.filter((status) => status === 'start' || status === 'died').slice(-2),
        last.includes('start') ? ['start', 'died'] : ['died'],
      );
    },
  },
  {
    clause: 'what containers have written to themselves is known of each, and a query that fails is no answer',
    async holds(world) {
      const spec = world.spec(speaks);
      await world.runtime.create(spec);
      const written = await world.runtime.writtenBytes(world.labels);
      deepEqual([...(written ?? new Map()).keys()], [spec.name]);
      ok([...(written ?? new Map<string, number>()).values()].every((bytes) => Number.isSafeInteger(bytes) && bytes >= 0));
      equal(await world.failing.writtenBytes(world.labels), null);
    },
  },
  {
    clause: 'a query that fails is not an answer of none',
    async holds(world) {
      equal(await world.failing.containers(world.labels), null);
      deepEqual(await world.runtime.containers(world.labels), []);
    },
  },
  {
    clause: 'the words for a person’s terminal end with the program and its arguments, as they are',
    async holds({ runtime }) {
      const words = runtime.execCommand('demo-run-k3v8h', ['/bin/sh', '-c', '--privileged']);
      deepEqual(words.slice(words.indexOf('--')), ['--', 'demo-run-k3v8h', '/bin/sh', '-c', '--privileged']);
      ok(words.indexOf('--') > words.indexOf('exec'));
    },
  },
];

async function started(world: ContractWorld, program: ContractProgram, labels: LabelFilter = {}): Promise<RunSpec> {
  const spec = world.spec(program, labels);
  await world.runtime.create(spec);
  await world.runtime.start(spec.name);
  return spec;
}

/** Path below the folder → permissions and bytes. */
async function contentsOf(files: Files, folder: string, path = ''): Promise<Readonly<Record<string, string>>> {
  const found: [string, string][] = [];
  for (const { name } of await files.list(join(folder, path))) {
    const below = join(path, name);
    const facts = await files.stat(join(folder, below));
    const mode = facts?.mode.toString(8);
    if (facts?.kind !== 'directory') {
      const bytes = await files.read(join(folder, below), { maxBytes: 1024 * 1024 });
      found.push([below, `${mode} ${Buffer.from(bytes ?? []).toString('base64')}`]);
    } else found.push([below, `folder ${mode}`], ...Object.entries(await contentsOf(files, folder, below)));
  }
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function foundRow({ runtime, labels }: ContractWorld, name: string): Promise<ContainerRow | undefined> {
  const rows = await runtime.containers(labels);
  ok(rows !== null, 'the query failed');
  return rows.find((row) => row.name === name);
}

async function rowOf(world: ContractWorld, name: string): Promise<ContainerRow> {
  const row = await foundRow(world, name);
  ok(row !== undefined, `${name} is not there`);
  return row;
}

/** Waits until the log begins with the text. */
async function spoken({ runtime }: ContractWorld, name: string, text: string): Promise<void> {
  const done = new AbortController();
  let said = '';
  for await (const { stream, bytes } of runtime.logs(name, { follow: true, signal: done.signal })) {
    if (stream === 'stdout') said += new TextDecoder().decode(bytes);
    if (said.startsWith(text)) done.abort();
  }
}

async function collected(output: AsyncIterable<OutputChunk>): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const parts = { stdout: new Array<Uint8Array>(), stderr: new Array<Uint8Array>() };
  for await (const { stream, bytes } of output) parts[stream].push(bytes);
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
}

const textOf = ({ exitCode, stdout, stderr }: ExecResult) => ({
  exitCode,
  stdout: new TextDecoder().decode(stdout),
  stderr: new TextDecoder().decode(stderr),
});

const result = ({ exitCode, stdout, stderr }: ContractProgram) => ({ exitCode, stdout, stderr });
