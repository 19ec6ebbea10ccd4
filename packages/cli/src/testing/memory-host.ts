/** A host without disk, programs or containers of its own: the rooms below the command line, standing on fakes that work. */
import { executorContext, taskLabels, type ExecutorContext, type Processes } from '@terok/executor';
import { hostConditions, memoryRuntime, runSpec, type MemoryRuntime, type Program } from '@terok/executor/testing';
import { containerName, taskNew, updateTask, type TaskId } from '@terok/orchestration';
import { formatInstant, loadConfig, resolvePaths, type BareHost, type Files, type SandboxContext } from '@terok/sandbox';
import { fakeClock, memoryFiles, seededRandom } from '@terok/sandbox/testing';
import { once } from '../world/once.ts';
import type { World } from '../world/world.ts';

export type MemoryHost = {
  readonly bareHost: () => Promise<BareHost>;
  readonly host: () => Promise<SandboxContext>;
  readonly engine: () => Promise<ExecutorContext>;
  readonly realPath: World['realPath'];
  readonly runOnTerminal: World['runOnTerminal'];
  readonly runtime: MemoryRuntime;
};

export type MemoryHostOptions = {
  readonly disk?: Readonly<Record<string, string | Uint8Array>>;
  /** Path → the file that it leads to. */
  readonly links?: Readonly<Record<string, string>>;
  /** What a started container does. */
  readonly program?: Program;
  /** What the person makes of a text that is opened for them, one visit after the other. */
  readonly edits?: readonly ((text: string) => string | Uint8Array)[];
  readonly editorEndsWith?: number;
  /** What every program but the editor prints on both of its streams, and that it fails. */
  readonly complaint?: string;
};

export const projectDisk = { '/config/projects/demo/project.yml': 'repository: /repositories/demo\n' } as const;

export async function memoryHost({
  disk = {},
  links = {},
  program = {},
  edits = [],
  editorEndsWith = 0,
  complaint,
}: MemoryHostOptions = {}): Promise<MemoryHost> {
  const files = memoryFiles(disk);
  for (const [path, target] of Object.entries(links)) files.link(target, path);
  const clock = fakeClock(new Date('2026-01-01T12:00:00.000Z'));
  const paths = resolvePaths({
    env: { TEROK_ROOT: '/state', TEROK_CONFIG_DIR: '/config' },
    uid: 1000,
    initialUserNamespace: true,
    home: '/home/person',
  });
  const bareHost = { paths, files, syncFiles: files.sync, clock, random: seededRandom(7) };
  const host = once(async () => {
    const { config, problems } = await loadConfig(files, paths);
    return { ...bareHost, config, configProblems: problems };
  });
  const runtime = memoryRuntime({ now: () => clock.now(), program: () => program });
  const engine = once(async () => {
    const processes = complaint === undefined ? quietProcesses : complaining(complaint);
    const real = await executorContext(await host(), { env: {}, processes, runtime });
    return { ...real, hostConditions: () => Promise.resolve(hostConditions()) };
  });
  return {
    bareHost: () => Promise.resolve(bareHost),
    host,
    engine,
    runtime,
    realPath: (path) => Promise.resolve(links[path] ?? path),
    runOnTerminal: editing(files, edits, editorEndsWith),
  };
}

/** A task of project `demo` whose container was started. */
export async function startedTask({ engine, runtime }: MemoryHost, name: string): Promise<TaskId> {
  const ctx = await engine();
  const taskId = await taskNew(ctx, 'demo', { name });
  const container = containerName('demo', 'run', taskId);
  await updateTask(ctx, 'demo', taskId, {
    mode: 'run',
    agent: 'shell',
    started_at: formatInstant(ctx.clock.now()),
    ready_at: formatInstant(ctx.clock.now()),
  });
  const labels = taskLabels(ctx.installationId, { projectId: 'demo', taskId, mode: 'run', launchId: 'launch' });
  await runtime.create(runSpec({ name: container, image: 'image', labels, stopGraceSeconds: 1 }));
  await runtime.start(container);
  return taskId;
}

/** The last word is the file. */
function editing(files: Files, edits: NonNullable<MemoryHostOptions['edits']>, exitCode: number): World['runOnTerminal'] {
  const visits = [...edits];
  return async ({ args }) => {
    const path = args.at(-1) ?? '';
    const text = new TextDecoder().decode((await files.read(path, { maxBytes: 1024 * 1024 })) ?? undefined);
    await files.replace(path, visits.shift()?.(text) ?? text);
    return { kind: 'exited', exitCode };
  };
}

const nothing = new Uint8Array();

/** Every program is there, succeeds and says nothing. */
export const quietProcesses: Processes = {
  run: () => Promise.resolve({ end: { kind: 'exited', exitCode: 0 }, stdout: nothing, stderr: nothing }),
  open: () => ({ output: emptyOutput(), ended: Promise.resolve({ kind: 'exited', exitCode: 0 }) }),
  runOnTerminal: () => Promise.resolve({ kind: 'exited', exitCode: 0 }),
};

function complaining(complaint: string): Processes {
  const said = new TextEncoder().encode(complaint);
  return { ...quietProcesses, run: () => Promise.resolve({ end: { kind: 'exited', exitCode: 1 }, stdout: said, stderr: said }) };
}

async function* emptyOutput(): AsyncGenerator<never> {}
