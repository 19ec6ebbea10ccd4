/** Whole daemons in processes of their own, as they are started, asked, killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { formatInstant, hostContext, type SandboxContext } from '@terok/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DaemonFixture } from './fixtures/node-daemon.test.fixture.ts';
import {
  connectDaemon,
  daemonSocketPath,
  defaultLifecycleState,
  isSuccessorWaiting,
  loadLifecycleState,
  readEvents,
  saveLifecycleState,
  type DaemonClient,
  type DaemonEvent,
  type LoggedEvent,
} from './index.ts';
import { markWake } from './wake-signal.ts';

const program = fileURLToPath(new URL('fixtures/node-daemon.test.fixture.ts', import.meta.url));
const patienceMs = 30_000;
/** Many processes start faster with it. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));

let place: string;
let ctx: SandboxContext;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'terok-daemon-'));
  ctx = await hostContext({ env: environment() });
});
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  children.clear();
  await rm(place, { recursive: true, force: true, maxRetries: 3 });
});

function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: place,
    TEROK_ROOT: join(place, 'state'),
    TEROK_RUNTIME_DIR: join(place, 'run'),
    TEROK_CONFIG_DIR: join(place, 'config'),
    NODE_COMPILE_CACHE: compileCache,
  };
}

type Started = {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly line: Promise<string>;
  readonly exit: Promise<number | null>;
};

function fixtureOf(fields: Partial<DaemonFixture>): DaemonFixture {
  return {
    place,
    version: '1.0.0',
    detached: false,
    successor: false,
    resident: true,
    broken: false,
    drowsy: 300,
    sleep: 1800,
    hibernate: 7200,
    stepMs: 20,
    slowFrom: 1,
    failing: null,
    running: [],
    ...fields,
  };
}

/** Starts one; `line` is the first that it says: `ready`, or why not. */
function launch(fields: Partial<DaemonFixture> = {}): Started {
  const fixture = fixtureOf(fields);
  const child = spawn(process.execPath, [program, JSON.stringify(fixture)], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let said = '';
  const line = new Promise<string>((resolve) => {
    child.stdout?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('\n')) resolve(said.slice(0, said.indexOf('\n')));
    });
    child.once('exit', () => resolve(said.trim()));
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, said: () => said, line, exit };
}

async function started(fields: Partial<DaemonFixture> = {}): Promise<Started> {
  const daemon = launch(fields);
  expect(await daemon.line).toBe('ready');
  return daemon;
}

async function asked(): Promise<DaemonClient> {
  const client = await connectDaemon(ctx, { version: '1.0.0', deadlineMs: patienceMs });
  if (client === null) throw new Error('no daemon listens');
  return client;
}

async function kill({ child, exit }: Started): Promise<void> {
  child.kill('SIGKILL');
  await exit;
}

async function logged(): Promise<readonly LoggedEvent[]> {
  const days = (await readdir(ctx.paths.events).catch(() => [])).map((name) => name.slice('lifecycle-events-'.length, -'.jsonl'.length));
  return (await Promise.all(days.toSorted().map((day) => readEvents(ctx, day)))).flat();
}

describe('one at a time', () => {
  test('of six that are started at once exactly one runs; the others end at once and say which', async () => {
    const six = Array.from({ length: 6 }, () => launch());
    const lines = await Promise.all(six.map(({ line }) => line));
    const running = six.filter((_, n) => lines[n] === 'ready');
    expect(running).toHaveLength(1);
    const refused = six.filter((daemon) => !running.includes(daemon));
    expect(await Promise.all(refused.map(({ exit }) => exit))).toEqual([5, 5, 5, 5, 5]);
    for (const { said } of refused) expect(said()).toMatch(new RegExp(`DAEMON_RUNNING .*: process ${running[0]?.child.pid},`));
  }, 60_000);

  test('however the last one died, the next can start; and again of six only one', async () => {
    for (let round = 0; round < 3; round++) {
      const six = Array.from({ length: 6 }, () => launch());
      const lines = await Promise.all(six.map(({ line }) => line));
      const running = six.filter((_, n) => lines[n] === 'ready');
      expect(running).toHaveLength(1);
      for (const daemon of running) await kill(daemon);
    }
  }, 90_000);

  test('one that stands still is not taken for dead', async () => {
    const first = await started();
    first.child.kill('SIGSTOP');
    const second = launch();
    expect(await second.line).toContain('DAEMON_RUNNING');
    first.child.kill('SIGCONT');
    expect(await (await asked()).request('status', {})).toMatchObject({ pid: first.child.pid });
  }, 60_000);
});

describe('an end in good order', () => {
  test.each(['SIGTERM', 'shutdown'] as const)(
    'by %s leaves no socket and no process number, and is said in the log',
    async (how) => {
      const daemon = await started();
      if (how === 'SIGTERM') daemon.child.kill('SIGTERM');
      else await (await asked()).request('shutdown', {});
      expect(await daemon.exit).toBe(0);
      expect(daemon.said()).toBe(`ready\n${how === 'SIGTERM' ? 'signal' : 'shutdown'}\n`);
      expect(await readdir(ctx.paths.runtime)).toEqual([]);
      expect((await readdir(ctx.paths.lifecycle)).toSorted()).toEqual(['.daemon-state.json', 'events', 'lifecycle_state.json']);
      expect((await logged()).at(-1)).toMatchObject({ event: 'daemon_stopped' });
    },
    60_000,
  );

  test('comes by itself in HIBERNATION, after every step', async () => {
    const daemon = await started({ resident: false, drowsy: 0.05, sleep: 0.1, hibernate: 0.5 });
    expect(await daemon.exit).toBe(0);
    expect(daemon.said()).toBe('ready\nhibernation\n');
    expect(await steps()).toEqual(['reconcile-tasks', 'orphans', 'logs', 'archive', 'images', 'state-hygiene', 'health']);
    expect((await loadLifecycleState(ctx)).record).toMatchObject({ current_state: 'HIBERNATION', sleep_cycle_progress: null });
  }, 60_000);

  test('comes after a client of a newer release, which is answered first', async () => {
    const daemon = await started();
    const newer = await connectDaemon(ctx, { version: '1.0.1', deadlineMs: patienceMs });
    expect(await newer?.request('status', {})).toMatchObject({ state: 'WAKE' });
    expect(newer?.daemonVersion()).toBe('1.0.0');
    expect([await daemon.exit, daemon.said()]).toEqual([0, 'ready\noutdated\n']);
  }, 60_000);
});

/** One that is handed a socket that is listened on already, as systemd does. */
async function handedSocket(fields: Partial<DaemonFixture>): Promise<ChildProcess> {
  const path = daemonSocketPath(ctx.paths);
  await mkdir(ctx.paths.runtime, { recursive: true, mode: 0o700 });
  const listener = createServer().listen(path);
  await once(listener, 'listening');
  // Only the shell knows the number of the process that it becomes.
  const script = 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"';
  const child = spawn(
    '/bin/sh',
    ['-c', script, 'sh', process.execPath, program, JSON.stringify(fixtureOf({ resident: false, ...fields }))],
    {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit', descriptorOf(listener)],
    },
  );
  children.add(child);
  // From here on only the child holds the socket; closing takes away the name that it was made with.
  await link(path, `${path}.kept`);
  listener.close();
  await rename(`${path}.kept`, path);
  return child;
}

test('a daemon that is handed a socket serves whoever connected before it ran, and leaves the socket to its owner', async () => {
  const child = await handedSocket({});
  const client = await asked();
  expect(await client.request('status', {})).toMatchObject({ state: 'WAKE', pid: child.pid });
  await client.request('shutdown', {});
  client.close();
  await once(child, 'exit');
  expect(await readdir(ctx.paths.runtime)).toEqual(['daemon.sock']);
}, 60_000);

test('a daemon that is handed a socket and cannot serve says why to whoever waits there, and leaves the socket to its owner', async () => {
  const child = await handedSocket({ broken: true });
  const ended = once(child, 'exit');
  const client = await asked();
  const refusal = { code: 'SETUP_NEEDED', message: 'This machine is not set up.', hint: 'Run it.' };
  await expect(client.request('status', {})).rejects.toMatchObject(refusal);
  expect(await ended).toEqual([3, null]);
  expect(await readdir(ctx.paths.runtime)).toEqual(['daemon.sock']);
}, 60_000);

/** Node tells nobody the number of a socket that it listens on, but for this. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as Server & { readonly _handle?: { readonly fd?: unknown } };
  if (typeof handle?.fd !== 'number') throw new Error('this Node hides the number of the socket');
  return handle.fd;
}

/** Subscribes, acts, and waits for what follows from that. */
async function until(client: DaemonClient, follows: (seen: DaemonEvent) => boolean, act: () => Promise<unknown>): Promise<void> {
  const watching = (async () => {
    for await (const seen of client.events()) if (follows(seen)) return;
    throw new Error('the daemon ended');
  })();
  await client.request('status', {}); // answered after the subscription
  await act();
  await watching;
}

type Reach = (client: DaemonClient) => Promise<unknown>;
const sleepNow: Reach = (client) => client.request('sleep-now', {});
/** The step is begun, or is its turn and it is left out. */
const inStep =
  (number: number): Reach =>
  (client) =>
    until(
      client,
      ({ event, ...seen }) => ['sleep_step_started', 'sleep_step_skipped'].includes(event) && seen['step_num'] === number,
      () => sleepNow(client),
    );

describe('a kill', () => {
  const moments: readonly (readonly [when: string, fields: Partial<DaemonFixture>, reach: Reach])[] = [
    ['WAKE', {}, async () => undefined],
    [
      'DROWSY',
      { drowsy: 0.2 },
      (client) => expect.poll(async () => (await client.request('status', {})).state, { timeout: patienceMs }).toBe('DROWSY'),
    ],
    ['SLEEP', { stepMs: 60_000 }, sleepNow],
    ...[1, 2, 3, 4, 5, 6, 7].map((number) => [`step ${number}`, { stepMs: 60_000, slowFrom: number }, inStep(number)] as const),
    [
      'HIBERNATION',
      { drowsy: 0.1, sleep: 0.1, hibernate: 0.2, stepMs: 1 },
      async (client) => {
        client.close(); // while somebody is connected it does not come to that
        await expect.poll(async () => (await loadLifecycleState(ctx)).record.current_state, { timeout: patienceMs }).toBe('HIBERNATION');
      },
    ],
  ];
  /** Twenty-two kills; `TEROK_KILL_LAPS=10` makes it a hundred and ten. */
  const laps = Number(process.env['TEROK_KILL_LAPS'] ?? 2);

  test('in every state and step, again and again: the next start is WAKE, goes on with the cycle, and has lost nothing it promised', async () => {
    const fresh = defaultLifecycleState(new Date());
    const until_ts = formatInstant(new Date(Date.now() + 86_400_000));
    const failed = { archive: { failures: 3, until_ts, reason: 'no room' } };
    const quarantine = { until_ts, reason: 'sleep step 4 (archive) failed 3x', since_ts: fresh.since_ts };
    await saveLifecycleState(ctx, { ...fresh, quarantine, 'x-steps': failed });

    const open = new Set<string>();
    let digestIsMade = false;
    let stepsDone = 0;
    for (let round = 0; round < laps * moments.length; round++) {
      const [when, fields, reach] = moments[round % moments.length] ?? ['', {}, sleepNow];
      const at = `round ${round}, to be killed in ${when}`;
      const daemon = await started(fields);
      const client = await asked();
      const status = await client.request('status', {});
      expect([status.state, status.troubles, status.quarantine?.until_ts], at).toEqual(['WAKE', [], until_ts]);
      expect(status.cycle.last_completed_step, at).toBeGreaterThanOrEqual(stepsDone);
      expect((await client.request('digest', {})).digest !== null || !digestIsMade, `digest, ${at}`).toBe(true);
      for (const id of [...open].slice(0, Math.max(0, open.size - 6))) {
        expect(await client.request('consume-first-turn', { session_id: id }), `flag, ${at}`).toEqual({ first_turn: true });
        open.delete(id);
      }
      for (const id of [`${round}-a`, `${round}-b`, `${round}-c`]) {
        await client.request('session-opened', { session_id: id });
        open.add(id);
      }
      await reach(client);
      const there = when === 'HIBERNATION' ? null : await client.request('status', {});
      digestIsMade ||= there !== null && there.digest_id !== null;
      stepsDone = there?.cycle.last_completed_step ?? 0;
      await kill(daemon);
      client.close();
      expect((await loadLifecycleState(ctx)).recovered, at).toEqual([]);
    }
    expect(digestIsMade).toBe(true);
    const events = await logged();
    expect(events.filter(({ event }) => event === 'daemon_started')).toHaveLength(laps * moments.length);
    const reached = new Set(events.filter(({ event }) => event === 'state_transition').map((event) => String(event['to'])));
    expect([...reached].toSorted()).toEqual(['DROWSY', 'HIBERNATION', 'SLEEP', 'WAKE']);
  }, 900_000);

  test('in the middle of a cycle: the next one goes on with the step that was cut, and does none twice that was done', async () => {
    const first = await started({ stepMs: 200 });
    await inStep(4)(await asked());
    await kill(first);
    await started({ stepMs: 1 });
    const client = await asked();
    await until(
      client,
      ({ event }) => event === 'sleep_cycle_completed',
      () => sleepNow(client),
    );
    const ran = await steps();
    // The kill may have come before the step itself began.
    expect(ran.filter((id) => id === 'archive').length).toBeLessThanOrEqual(2);
    expect([...new Set(ran)]).toEqual(['reconcile-tasks', 'orphans', 'logs', 'archive', 'images', 'state-hygiene', 'health']);
    expect(ran.filter((id) => id !== 'archive')).toHaveLength(6);
    client.close();
  }, 60_000);
});

describe('a newer release', () => {
  const newer = async (deadlineMs = patienceMs): Promise<DaemonClient> => {
    const client = await connectDaemon(ctx, { version: '1.1.0', deadlineMs });
    if (client === null) throw new Error('no daemon listens');
    return client;
  };
  const next = { version: '1.1.0', detached: true };

  test('is asked to start the next daemon only where nobody else would; an older one and the same are not', async () => {
    for (const [detached, version, asksReplacement] of [
      [true, '1.1.0', true],
      [true, '1.0.0', false],
      [true, '0.9.0', false],
      [false, '1.1.0', false],
    ] as const) {
      const daemon = await started({ detached });
      const client = await connectDaemon(ctx, { version, deadlineMs: patienceMs });
      await client?.request('status', {});
      expect(client?.asksReplacement()).toBe(asksReplacement);
      client?.close();
      await kill(daemon);
    }
  }, 90_000);

  test('of many that wait for the older one’s step one begins, once that is done; the others leave', async () => {
    const older = await started({ detached: true, stepMs: 2000, slowFrom: 1 });
    const [person, client] = [await asked(), await newer()];
    const step = person.request('run-step', { id: 'logs' });
    await expect.poll(async () => (await client.request('status', {})).cycle.running_step, { timeout: patienceMs }).toBe('logs');
    expect(client.asksReplacement()).toBe(true);
    const three = [1, 2, 3].map(() => launch(next));
    const lines = await Promise.all(three.map(({ line }) => line));
    expect(lines.filter((line) => line === 'ready')).toHaveLength(1);
    expect(lines.filter((line) => /^not my turn$|^DAEMON_RUNNING/.test(line))).toHaveLength(2);
    expect((await step).outcome).toBe('completed');
    expect([await older.exit, older.said()]).toEqual([0, 'ready\noutdated\n']);
    expect((await (await newer()).request('status', {})).pid).toBe(three[lines.indexOf('ready')]?.child.pid);
  }, 90_000);

  test('that waits begins when the older one is killed, and does not when somebody ends it who wants none', async () => {
    const first = await started({ detached: true });
    const waiting = launch(next);
    await expect.poll(() => isSuccessorWaiting(ctx), { timeout: patienceMs }).toBe(true);
    await kill(first);
    expect(await waiting.line).toBe('ready');

    const newest = launch({ version: '1.2.0', detached: true });
    await expect.poll(() => isSuccessorWaiting(ctx), { timeout: patienceMs }).toBe(true);
    await (await newer()).request('shutdown', {});
    expect(await waiting.exit).toBe(0);
    expect(await newest.line).toBe('not my turn');
  }, 90_000);

  test('that comes late follows one that ended for it or was killed, and none that somebody ended', async () => {
    const late = { ...next, successor: true };
    const first = await started({ detached: true });
    await (await newer()).request('status', {});
    await first.exit;
    const second = launch(late);
    expect(await second.line).toBe('ready');
    await kill(second);
    const third = launch(late);
    expect(await third.line).toBe('ready');
    await (await newer()).request('shutdown', {});
    await third.exit;
    expect(await launch(late).line).toBe('unwanted');
    expect(await launch(next).line).toBe('ready');
  }, 90_000);

  test('waits for none of its own release, nor for a newer one: it is refused like any second daemon', async () => {
    await started({ version: '1.1.0' });
    for (const version of ['1.1.0', '1.0.0']) expect(await launch({ version, detached: true }).line).toContain('DAEMON_RUNNING');
  }, 60_000);
});

test('a digest is claimed by one of many that ask at once, and is another one’s once that is gone, until it was seen', async () => {
  await started({ drowsy: 0.2 });
  const people = new Set(await Promise.all(Array.from({ length: 30 }, asked)));
  const claimants = async (): Promise<readonly DaemonClient[]> => {
    const claims = await Promise.all([...people].map((client) => client.request('claim-digest', {})));
    return [...people].filter((_, nth) => claims[nth]?.digest !== null);
  };
  const [looking] = people;
  await expect.poll(async () => (await looking?.request('digest', {}))?.digest, { timeout: patienceMs }).not.toBeNull();
  expect(await claimants()).toHaveLength(1);
  const [first] = await claimants();
  first?.close();
  people.delete(first!);
  await expect.poll(async () => (await claimants()).length, { timeout: patienceMs }).toBe(1);
  const [second] = await claimants();
  const { digest_id: id } = (await second?.request('digest', {})) ?? {};
  expect(await second?.request('ack', { digest_id: id! })).toEqual({ acknowledged: true });
  expect(await claimants()).toEqual([]);
}, 60_000);

test('a mark that nobody saw is taken away by the next start, and said in the log', async () => {
  await markWake(ctx);
  const daemon = await started();
  expect(await readdir(ctx.paths.lifecycle)).not.toContain('wake.signal');
  await kill(daemon);
  expect((await logged()).map(({ event }) => event)).toEqual(['daemon_started', 'wake_signal_consumed']);
}, 60_000);

async function steps(): Promise<readonly string[]> {
  return (await readFile(join(place, 'steps'), 'utf8')).split('\n').filter(Boolean);
}
