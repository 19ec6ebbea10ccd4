/** The command line as it is installed, and what starting it takes. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Its bundle. */
export const terok = fileURLToPath(new URL('dist/bin.js', import.meta.resolve('terok/package.json')));

export type Start = { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> };
export type Taken = { readonly wallMs: number; readonly cpuMs: number };

/** Medians of the time, and means of the work, of programs started in turn, after two rounds to warm up. */
export function startsInTurn<K extends string>(rounds: number, starts: Readonly<Record<K, Start>>): Readonly<Record<K, Taken>> {
  const names = Object.keys(starts) as K[];
  const taken = new Map<K, Taken[]>(names.map((name) => [name, []]));
  for (let round = -2; round < rounds; round++)
    for (const name of names) {
      const one = timedStart(starts[name]);
      if (round >= 0) taken.get(name)?.push(one);
    }
  return Object.fromEntries(names.map((name) => [name, summary(taken.get(name) ?? [])])) as Record<K, Taken>;
}

function timedStart({ words: [binary = '', ...args], env }: Start): Taken {
  const cpuBefore = childrenCpuMs();
  const start = performance.now();
  const { status, error, stderr } = spawnSync(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${binary} ${args.join(' ')} ended with ${status}: ${error?.message ?? stderr.toString()}`);
  return { wallMs, cpuMs: childrenCpuMs() - cpuBefore };
}

/** The kernel counts what the processes that were waited for have used, in hundredths of a second. Only a mean of many is finer. */
function childrenCpuMs(): number {
  const [userTicks = 0, systemTicks = 0] = statOf(process.pid).slice(13, 15);
  return (userTicks + systemTicks) * msPerTick;
}

export const msPerTick = 10;

/** The numbers of `/proc/PID/stat` that follow the name of the program, the first being the state. */
export function statOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

function summary(taken: readonly Taken[]): Taken {
  const walls = taken.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b);
  return {
    wallMs: walls[Math.floor(walls.length / 2)] ?? Number.NaN,
    cpuMs: taken.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / taken.length,
  };
}

/** Runs it beside this process; what it says goes to this one's standard error. */
export function beside({ words: [binary = '', ...args], env }: Start) {
  const child = spawn(binary, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { pid: child.pid ?? 0, ended, kill: () => child.kill('SIGTERM') };
}
