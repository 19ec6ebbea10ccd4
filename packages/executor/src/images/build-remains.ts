/**
 * What a build needs while it goes on, and leaves behind when it is killed: a program of a `RUN` line, a working container, a second name for the image it
 * stands on, and files. podman calls the container after that name, the name carries the installation's id, and the program is known by the files: so all
 * of it is found, and nothing of others.
 */
import { join } from 'node:path';
import { lockHolder, TerokError, withFileLock, z, type Files, type LockContext, type Paths } from '@terok/sandbox';
import { lastLines, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { describeEnd } from '../processes.ts';
import type { BuildPrograms } from './build-programs.ts';
import { readJson } from './image-list.ts';

export type RemainsContext = {
  readonly podman: Podman;
  readonly files: Files;
  readonly paths: Pick<Paths, 'images'>;
  readonly installationId: string;
  readonly buildPrograms: BuildPrograms;
};

/** `what` is for people: the words of a program, the name of a container or an image, or a path. */
export type BuildRemains = readonly {
  readonly kind: 'program' | 'container' | 'name' | 'files';
  readonly what: string;
  /** Of the process, of the container, or of the image that has the name; the path once more. */
  readonly id: string;
}[];

const short = (installationId: string): string => installationId.slice(0, 8);
const aliasRepository = (installationId: string): string => `localhost/terok/${short(installationId)}/from-${short(installationId)}`;

/** The name under which a build knows the image that it stands on. */
export const aliasOf = (installationId: string, contentHash: string): string =>
  `${aliasRepository(installationId)}:${contentHash.slice(0, 16)}`;

/** Whether an image is called so only because something is being built on it. */
export const isAlias = (installationId: string, reference: string): boolean => reference.startsWith(`${aliasRepository(installationId)}:`);

/** Temporary files of builds; nothing else is in it. */
export const buildsDirectory = (paths: Pick<Paths, 'images'>): string => join(paths.images, 'building');

export type BuildsLockOptions = { readonly purpose: string; readonly waitMs: number; readonly signal?: AbortSignal };

/** One build of an installation at a time: whoever has this lock knows that whatever is left of builds is nobody's. */
export const withBuildsLock = <T>(
  ctx: LockContext & { readonly paths: Pick<Paths, 'images'> },
  options: BuildsLockOptions,
  body: () => Promise<T>,
): Promise<T> => withFileLock(ctx, buildsLock(ctx.paths), options, body);

/** Who builds now, or clears up after builds, and what; null when nobody does. */
export const buildInProgress = (ctx: Pick<RemainsContext, 'files' | 'paths'>): ReturnType<typeof lockHolder> =>
  lockHolder(ctx, buildsLock(ctx.paths));

const buildsLock = (paths: Pick<Paths, 'images'>): string => join(paths.images, 'builds.lock');

const Containers = z.nullable(z.array(z.looseObject({ Id: z.string(), Names: z.nullish(z.array(z.string())) })));
const Images = z.nullable(z.array(z.looseObject({ Id: z.string(), Names: z.nullish(z.array(z.string())) })));

/** Everything that builds have left, or are using at this moment, in the order in which it can go. */
export async function buildRemains(ctx: RemainsContext): Promise<BuildRemains> {
  const { podman, installationId, buildPrograms } = ctx;
  const containerName = `from-${short(installationId)}-working-container`;
  const listed = await podman.run(['ps', '--all', '--external', '--no-trunc', `--filter=name=^${containerName}`, '--format=json']);
  const containers = (readJson('ps', Containers, listed) ?? []).flatMap(({ Id, Names }) =>
    (Names ?? []).filter((name) => name.startsWith(containerName)).map((what) => ({ kind: 'container' as const, what, id: Id })),
  );
  const named = await podman.run(['images', '--no-trunc', `--filter=reference=${aliasRepository(installationId)}`, '--format=json']);
  // podman prints an image once for each of its names, every time with all of them.
  const owners = new Map(
    (readJson('images', Images, named) ?? []).flatMap(({ Id, Names }) => (Names ?? []).map((name) => [name, Id] as const)),
  );
  const names = [...owners].filter(([name]) => isAlias(installationId, name)).map(([what, id]) => ({ kind: 'name' as const, what, id }));
  const folders = await foldersOf(ctx);
  const programs = (await buildPrograms.running(folders)).map(({ pid, words }) => ({
    ...{ kind: 'program' as const, id: String(pid) },
    what: `${words.join(' ').slice(0, wordsMaxCharacters)} (process ${pid})`,
  }));
  return [...programs, ...containers, ...names, ...folders.map((folder) => ({ kind: 'files' as const, what: folder, id: folder }))];
}

async function foldersOf({ files, paths }: Pick<RemainsContext, 'files' | 'paths'>): Promise<readonly string[]> {
  const directory = buildsDirectory(paths);
  return (await files.list(directory)).map(({ name }) => join(directory, name));
}

/** Enough to know it by. */
const wordsMaxCharacters = 100;

export type RemainsResult = { readonly removed: string; readonly error: null } | { readonly kept: string; readonly error: string };

/** Removes what is left, each for itself. Only for whoever holds the lock of builds. */
export async function removeRemains(ctx: RemainsContext, remains: BuildRemains): Promise<readonly RemainsResult[]> {
  const { podman, files } = ctx;
  const results: RemainsResult[] = [];
  const byPodman = async (what: string, args: readonly string[]): Promise<RemainsResult> => {
    const { end, stderr } = await podman.attempt(args);
    return succeeded(end) ? { removed: what, error: null } : { kept: what, error: lastLines(textOf(stderr), 3) || describeEnd(end) };
  };
  for (const { kind, what, id } of remains) {
    switch (kind) {
      case 'program': {
        const error = await ctx.buildPrograms.end(Number(id), await foldersOf(ctx));
        results.push(error === null ? { removed: what, error } : { kept: what, error });
        break;
      }
      case 'container':
        results.push(await byPodman(what, ['rm', '--force', '--time=0', '--', id]));
        break;
      case 'name':
        results.push(await byPodman(what, ['untag', '--', id, what]));
        break;
      case 'files':
        results.push(await removeFolder(files, what));
    }
  }
  return results;
}

/** After each build, and before the next: what stays all the same is for `image cleanup` to name. */
export async function clearBuild(ctx: RemainsContext): Promise<void> {
  await removeRemains(ctx, await buildRemains(ctx));
}

async function removeFolder(files: Files, path: string): Promise<RemainsResult> {
  try {
    await files.removeTree(path);
    return { removed: path, error: null };
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return { kept: path, error: error.message };
  }
}
