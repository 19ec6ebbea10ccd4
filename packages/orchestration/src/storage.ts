/** What an installation takes on the disk: by project and task, and what several of them share. */
import { join, relative, sep } from 'node:path';
import { describeEnd, imageUsage, installationLabels, labelNames, toolEnvironment, type ImagesUsage } from '@terok/executor';
import { printable, TerokError } from '@terok/sandbox';
import { isProjectId } from './projects/project-id.ts';
import type { TaskContext } from './task-context.ts';
import { isTaskId } from './tasks/identity.ts';

/** Bytes as the disk counts them, holes left out. All of it goes when the task is deleted. */
export type TaskStorage = {
  readonly taskId: string;
  readonly workspaceBytes: number;
  readonly homeBytes: number;
  readonly logsBytes: number;
  /** The container's own layer; null when podman does not tell. */
  readonly containerBytes: number | null;
  /** With all else in the task's folder. */
  readonly totalBytes: number;
};

export type ProjectStorage = {
  readonly projectId: string;
  readonly tasks: readonly TaskStorage[];
  /** What its deleted tasks left. */
  readonly archiveBytes: number;
  /** Shared by all of its tasks. */
  readonly mirrorBytes: number;
  readonly totalBytes: number;
};

export type StorageUsage = {
  readonly projects: readonly ProjectStorage[];
  /** What images take alone and share; null when podman does not tell. */
  readonly images: ImagesUsage | null;
  /** Lines of what could not be measured: the sums are too small by that. */
  readonly incomplete: readonly string[];
};

/** Measures; changes nothing. Projects that are gone, and whose archives or folders are still there, are among them. */
export async function storageUsage(ctx: TaskContext): Promise<StorageUsage> {
  const { paths, runtime, installationId } = ctx;
  const places = [paths.tasks, paths.archive, paths.mirrors];
  const there = (await Promise.all(places.map(async (path) => ((await ctx.files.stat(path)) === null ? [] : [path])))).flat();
  const measured = there.length === 0 ? { bytes: new Map<string, number>(), incomplete: [] } : await diskUsage(ctx, there);

  const rows = await runtime.containers(installationLabels(installationId));
  const written = await runtime.writtenBytes(installationLabels(installationId));
  const layer = (projectId: string, taskId: string): number | null => {
    if (rows === null || written === null) return null;
    const own = rows.filter(({ labels }) => labels[labelNames.project] === projectId && labels[labelNames.task] === taskId);
    return sum(own.map(({ name }) => written.get(name) ?? 0));
  };
  return {
    projects: projectsOf(measured.bytes, paths, layer),
    images: await imageUsage(ctx).catch(orUnknown),
    incomplete: [
      ...measured.incomplete,
      ...(rows === null || written === null ? ['podman does not say what containers have written'] : []),
    ],
  };
}

type Places = { readonly tasks: string; readonly archive: string; readonly mirrors: string };

/** Pure: bytes by path to bytes by project. */
export function projectsOf(
  bytes: ReadonlyMap<string, number>,
  paths: Places,
  layer: (projectId: string, taskId: string) => number | null,
): readonly ProjectStorage[] {
  const at = (...parts: readonly string[]): number => bytes.get(join(...(parts as [string, ...string[]]))) ?? 0;
  const below = (root: string): readonly string[] =>
    [...bytes.keys()].filter((path) => path.startsWith(root + sep)).map((path) => relative(root, path));
  const mirrors = below(paths.mirrors).flatMap((path) => /^([^/]+)\.git$/.exec(path)?.[1] ?? []);
  const named = [...below(paths.tasks), ...below(paths.archive)].map((path) => path.split(sep)[0] ?? '');
  const ids = [...new Set([...named, ...mirrors])].filter(isProjectId).toSorted();
  const tasksOf = Map.groupBy(
    below(paths.tasks)
      .map((path) => path.split(sep))
      .filter(({ length }) => length === 2),
    ([project]) => project ?? '',
  );

  return ids.map((projectId) => {
    const tasks = (tasksOf.get(projectId) ?? []).flatMap(([, taskId]) => (isTaskId(taskId) ? [taskId] : [])).toSorted();
    const archiveBytes = at(paths.archive, projectId);
    const mirrorBytes = at(paths.mirrors, `${projectId}.git`);
    const found = tasks.map((taskId): TaskStorage => {
      const folder = join(paths.tasks, projectId, taskId);
      const containerBytes = layer(projectId, taskId);
      return {
        taskId,
        workspaceBytes: at(folder, 'workspace'),
        homeBytes: at(folder, 'home'),
        logsBytes: at(folder, 'logs'),
        containerBytes,
        totalBytes: at(folder) + (containerBytes ?? 0),
      };
    });
    const totalBytes = sum(found.map((task) => task.totalBytes)) + archiveBytes + mirrorBytes;
    return { projectId, tasks: found, archiveBytes, mirrorBytes, totalBytes };
  });
}

const timeoutMs = 30 * 60_000;
/** Down to the folders in a task's own: `<tasks>/<project>/<task>/workspace`. What an agent names its files is never printed. */
const depth = 3;

async function diskUsage(
  { processes, env }: TaskContext,
  places: readonly string[],
): Promise<{ readonly bytes: ReadonlyMap<string, number>; readonly incomplete: readonly string[] }> {
  const { end, stdout, stderr } = await processes.run({
    binary: 'du',
    args: ['--block-size=1', '--one-file-system', '--null', `--max-depth=${depth}`, '--', ...places],
    env: toolEnvironment(env),
    timeoutMs,
    outputMaxBytes: 64 * 1024 * 1024,
  });
  const said = new TextDecoder()
    .decode(stderr)
    .split('\n')
    .filter((line) => line !== '')
    .map(printable);
  const bytes = new Map(
    new TextDecoder()
      .decode(stdout)
      .split('\0')
      .flatMap((entry): readonly [string, number][] => {
        const match = /^(\d+)\t(.*)$/s.exec(entry);
        return match === null ? [] : [[match[2]!, Number(match[1])]];
      }),
  );
  // It ends with 1 for a folder that went meanwhile, or that only a container's user can read; the rest is measured all the same.
  if (end.kind === 'exited' && end.exitCode <= 1) return { bytes, incomplete: said.slice(0, 20) };
  return { bytes, incomplete: [`\`du\` ${describeEnd(end)}`, ...said.slice(0, 20)] };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function orUnknown(error: unknown): null {
  if (error instanceof TerokError) return null;
  throw error;
}
