/** A house in memory in which something is left for every sleep step, and a podman that has images. */
import { executorContext, labelNames, taskLabels, type ExecutorContext } from '@terok/executor';
import { hostConditions, memoryRuntime, runSpec, type MemoryRuntime } from '@terok/executor/testing';
import { containerName, taskNew, updateTask, type TaskId } from '@terok/orchestration';
import { formatInstant, loadConfig, resolvePaths } from '@terok/sandbox';
import { fakeClock, memoryFiles, seededRandom, type FakeClock, type MemoryFiles } from '@terok/sandbox/testing';
import { projectDisk, quietProcesses } from './memory-host.ts';

export type TidyHouse = {
  readonly ctx: ExecutorContext;
  readonly files: MemoryFiles;
  readonly runtime: MemoryRuntime;
  readonly clock: FakeClock;
  /** Name → what podman lists it with. */
  readonly images: Map<string, FakeImage>;
};
export type FakeImage = { readonly id: string; readonly ageHours: number; readonly bytes: number; readonly layer: string | null };

export type HouseOptions = {
  readonly start?: string;
  readonly config?: string;
  readonly files?: MemoryFiles;
  readonly runtime?: MemoryRuntime;
  readonly cutAt?: number;
};

const hourMs = 3_600_000;

/** The same disk and containers may be given again, as after a restart; the clock stands at noon of 1 January 2026 unless another start is given. */
export async function tidyHouse({
  config: text = '',
  files: disk,
  runtime: before,
  cutAt = Infinity,
  start = '2026-01-01T12:00:00.000Z',
}: HouseOptions = {}): Promise<TidyHouse> {
  const clock = fakeClock(start);
  const now = () => clock.now();
  const files = memoryFiles(disk ?? memoryFiles({ ...projectDisk, '/config/config.yml': text }, { now }), { cutAt, now });
  const paths = resolvePaths({
    env: { TEROK_ROOT: '/state', TEROK_CONFIG_DIR: '/config' },
    uid: 1000,
    initialUserNamespace: true,
    home: '/home/person',
  });
  const { config, problems } = await loadConfig(memoryFiles({ '/config/config.yml': text }), paths);
  const host = { paths, config, configProblems: problems, files, syncFiles: files.sync, clock, random: seededRandom(7) };
  const runtime = before ?? memoryRuntime({ now, program: () => ({ output: [chunk('a line of the log\n'.repeat(500))] }) });
  const images = new Map<string, FakeImage>();
  const real = await executorContext(host, { env: {}, processes: quietProcesses, runtime });
  const ctx = { ...real, hostConditions: () => Promise.resolve(hostConditions()), podman: podmanWith(images, real.installationId, now) };
  return { ctx, files, runtime, clock, images };
}

const chunk = (text: string) => ({ stream: 'stdout' as const, bytes: new TextEncoder().encode(text) });

/** A task whose container was started; it runs until the test ends it. */
export async function launchedTask({ ctx }: TidyHouse, name: string): Promise<TaskId> {
  const taskId = await taskNew(ctx, 'demo', { name });
  const at = formatInstant(ctx.clock.now());
  await updateTask(ctx, 'demo', taskId, { mode: 'run', agent: 'shell', launch_id: 'launch', started_at: at, ready_at: at });
  await startContainer(ctx, taskId);
  return taskId;
}

export async function startContainer(ctx: ExecutorContext, taskId: string): Promise<string> {
  const name = containerName('demo', 'run', taskId);
  const labels = taskLabels(ctx.installationId, { projectId: 'demo', taskId, mode: 'run', launchId: 'launch' });
  await ctx.runtime.create(runSpec({ name, image: 'image', labels, stopGraceSeconds: 1 }));
  await ctx.runtime.start(name);
  return name;
}

type Podman = ExecutorContext['podman'];

function podmanWith(images: Map<string, FakeImage>, installationId: string, now: () => Date): Podman {
  const answer = (args: readonly string[]): string | null => {
    const [verb, noun] = args;
    const words = args.join(' ');
    if (verb === 'images' && words.includes('--filter=label=')) return JSON.stringify([...images].map(row));
    if (verb === 'images' && words.includes('--quiet')) return [...images.values()].map(({ id }) => `${id}\n`).join('');
    if (verb === 'images' || verb === 'ps') return '';
    if (verb === 'history') return JSON.stringify([{ size: [...images.values()].find(({ id }) => id === args.at(-1))?.bytes ?? 0 }]);
    if (verb === 'image' && noun === 'inspect' && args.includes('--')) {
      const found = [...images.values()].filter(({ id }) => args.includes(id));
      return found.length === 0
        ? null
        : JSON.stringify(found.map(({ id }) => ({ Id: id, RootFS: { Layers: [`sha256:${id}`] }, History: [{}] })));
    }
    if (verb === 'image' && noun === 'rm') {
      const name = [...images].find(([, { id }]) => id === args.at(-1))?.[0];
      return name !== undefined && images.delete(name) ? '' : null;
    }
    return null;
  };
  const row = ([name, { id, ageHours, bytes, layer }]: readonly [string, FakeImage]) => ({
    Id: id,
    Names: [name],
    Labels: { [labelNames.root]: installationId, ...(layer === null ? {} : { [labelNames.layer]: layer }) },
    Created: now().getTime() / 1000 - ageHours * 3600,
    Size: bytes,
  });
  const encoder = new TextEncoder();
  const podman: Podman = {
    attempt: async (args) => {
      const text = answer(args);
      const end = { kind: 'exited', exitCode: text === null ? 125 : 0 } as const;
      return { end, stdout: encoder.encode(text ?? ''), stderr: encoder.encode(text === null ? 'Error: no such image' : '') };
    },
    run: async (args) => {
      const text = answer(args);
      if (text === null) throw new Error(`this podman knows no ${args.join(' ')}`);
      return text;
    },
    open: () => ({ output: noOutput(), ended: Promise.resolve({ kind: 'exited', exitCode: 0 }) }),
    onTerminal: async () => ({ kind: 'exited', exitCode: 0 }),
    commandLine: (args) => ['podman', ...args],
    withGlobalArgs: () => podman,
  };
  return podman;
}

async function* noOutput(): AsyncGenerator<never> {}

export const hours = (count: number): number => count * hourMs;
