/** What the lifecycle daemon takes while it has nothing to do, and how soon it answers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { connectDaemon, daemonSocketPath } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import { beside, msPerTick, startsInTurn, statOf, terok, type Start } from './command.ts';
import type { Figure } from './figure.ts';

type House = { readonly sandbox: SandboxContext; readonly env: Start['env'] };

const node = process.execPath;
/** None that is newer than the daemon: it would end to be started again. */
const version = '0.0.0';
const limits = { residentMb: 80, cpuPercent: 0.2, roundTripMs: 15, wakeMs: 250 };

export function startDaemon({ env }: House) {
  return beside({ words: [...daemonWords, '--resident'], env });
}

/** As `terok daemon start` and systemd's units start it. */
const daemonWords = [node, '--max-semi-space-size=1', terok, 'daemon', 'run'] as const;

/** So long after its start it has read all that it reads. */
const settleMs = 15_000;

/** What it uses in `idleMs`, and what it writes. */
export async function idleFigures({ sandbox }: House, pid: number, idleMs: number): Promise<readonly Figure[]> {
  await answered({ sandbox });
  await setTimeout(settleMs);
  const [filesBefore, ticksBefore] = [await written(sandbox), ticksOf(pid)];
  const start = performance.now();
  await setTimeout(idleMs);
  const [tookMs, ticksAfter, filesAfter] = [performance.now() - start, ticksOf(pid), await written(sandbox)];
  const cpuMs = (ticksAfter - ticksBefore) * msPerTick;
  const changed = [...filesAfter].filter(([path, facts]) => filesBefore.get(path) !== facts).map(([path]) => path);
  const percent = (100 * cpuMs) / tookMs;
  const residentMb = residentKb(pid) / 1024;
  const children = childrenOf(pid);
  return [
    {
      name: `memory of the idle daemon, ${children.length === 0 ? 'no' : children.length} child beside it`,
      against: 'that child',
      ms: residentMb,
      againstMs: children.reduce((sum, child) => sum + residentKb(child), 0) / 1024,
      unit: 'MB',
      limit: `under ${limits.residentMb} MB`,
      within: residentMb < limits.residentMb,
    },
    {
      name: `work of the idle daemon in ${Math.round(tookMs / 1000)} s`,
      against: 'that time',
      ms: cpuMs,
      againstMs: tookMs,
      limit: `under ${limits.cpuPercent} %: ${percent.toFixed(3)} %`,
      within: percent < limits.cpuPercent,
    },
    {
      name: 'files that the idle daemon wrote',
      against: 'all of them',
      ms: changed.length,
      againstMs: filesAfter.size,
      unit: 'files',
      limit: changed.length === 0 ? 'none' : `none: ${changed.join(', ')}`,
      within: changed.length === 0,
    },
  ];
}

/** A question to the daemon that runs, against the same command where none does. */
export function roundTripFigure({ env }: House, rounds: number): Figure {
  const status: Start['words'] = [node, terok, 'daemon', 'status', '--json'];
  // Ends with 1 where no daemon runs, which is an answer as well.
  const alone = { ...env, TEROK_RUNTIME_DIR: join(env['TEROK_ROOT'] ?? '', 'no-runtime') };
  const shell = ['/bin/sh', '-c', '"$@" || :', 'sh', ...status];
  const taken = startsInTurn(rounds, { asked: { words: shell, env }, alone: { words: shell, env: alone } });
  const moreMs = taken.asked.wallMs - taken.alone.wallMs;
  return {
    name: '`terok daemon status` where a daemon answers',
    against: 'where none does',
    ms: taken.asked.wallMs,
    againstMs: taken.alone.wallMs,
    limit: `at most ${limits.roundTripMs} ms more: ${moreMs.toFixed(1)} ms`,
    within: moreMs <= limits.roundTripMs,
  };
}

/** From a connection that starts the daemon to its first reply. systemd's own activator holds the socket. */
export async function wakeFigure(house: House, rounds: number): Promise<Figure> {
  const { sandbox, env } = house;
  const socket = daemonSocketPath(sandbox.paths);
  await mkdir(sandbox.paths.runtime, { recursive: true, mode: 0o700 });
  const variables = Object.keys(env).map((name) => `--setenv=${name}`);
  const taken: number[] = [];
  for (let round = -1; round < rounds; round++) {
    await rm(socket, { force: true });
    const activator = beside({ words: ['systemd-socket-activate', `--listen=${socket}`, ...variables, ...daemonWords], env });
    try {
      while (!existsSync(socket)) await setTimeout(10);
      const start = performance.now();
      const client = await connectDaemon(sandbox, { version, deadlineMs: 30_000 });
      if (client === null) throw new Error('nobody listens at the socket');
      await client.request('status', {});
      if (round >= 0) taken.push(performance.now() - start);
      await client.request('shutdown', {});
      client.close();
      await activator.ended;
    } finally {
      activator.kill();
    }
  }
  const sorted = taken.toSorted((a, b) => a - b);
  const wakeMs = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const nothing = startsInTurn(10, { nothing: { words: [node, '-e', '0'], env } }).nothing.wallMs;
  return {
    name: 'a connection that starts the daemon, to its first reply',
    against: '`node -e 0`',
    ms: wakeMs,
    againstMs: nothing,
    limit: `at most ${limits.wakeMs} ms`,
    within: wakeMs <= limits.wakeMs,
  };
}

/** Waits until it listens, and has answered. */
async function answered({ sandbox }: Pick<House, 'sandbox'>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const client = await connectDaemon(sandbox, { version, deadlineMs: 10_000 });
    if (client !== null) {
      await client.request('status', {});
      client.close();
      return;
    }
    await setTimeout(100);
  }
  throw new Error('the daemon did not answer within a minute');
}

/** Every file of the installation with what changes when it is written. */
async function written({ paths }: SandboxContext): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const root of [paths.stateRoot, paths.configRoot, paths.runtime])
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const { mtimeMs, size, ino } = await lstat(path);
      files.set(path, `${mtimeMs} ${size} ${ino}`);
    }
  return files;
}

function ticksOf(pid: number): number {
  const [user = 0, system = 0] = statOf(pid).slice(11, 13);
  return user + system;
}

const residentKb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? Number.NaN);

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
