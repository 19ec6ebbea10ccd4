/**
 * Takes back what setup made: the stamp first, so that whatever interrupts it leaves a machine that is not set up, and that it can be run on
 * again. Projects, tasks and archives stay unless they are to go too.
 */
import { dirname, join } from 'node:path';
import {
  applyImageCleanup,
  installationLabels,
  listImages,
  type ContainerRow,
  type ExecutorContext,
  type InstallationImage,
} from '@terok/executor';
import { printable, readText, TerokError, withFileLock } from '@terok/sandbox';
import { uninstallService } from '@terok/lifecycle-daemon';
import { clearStamp } from '@terok/sandbox/setup-stamp';
import { completionPath, scriptMark } from '../completion/scripts.ts';
import { confirm } from '../dialog/confirmation.ts';
import { endDaemon } from '../daemon/end-daemon.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { serviceContext } from './daemon-install.ts';
import type { UninstallJson } from '../json/uninstall-json.ts';
import { shells } from '../completion/shell.ts';

export type UninstallFlags = { readonly purge?: boolean; readonly yes?: boolean; readonly json?: boolean };

export async function runUninstall(invocation: Invocation, { purge = false, yes = false, json }: UninstallFlags): Promise<void> {
  const { engine, note, out } = invocation;
  const ctx = await engine();
  await idleContainers(ctx);
  await confirm(invocation, { question: question(ctx, purge), action: 'Uninstalling', yes, withoutTerminal: 'refuse' });

  const done = await withFileLock(ctx, join(ctx.paths.stateRoot, 'setup.lock'), { purpose: 'uninstalling' }, () =>
    uninstall(invocation, ctx, purge),
  );
  if (json) return out.json(done);
  for (const { name, reason } of done.kept) note.warn(`${printable(name)} is still there: ${printable(reason)}`);
  note.say(
    purge
      ? 'Uninstalled; projects, tasks and archives are gone.'
      : `Uninstalled. Projects, tasks and archives are kept in ${printable(ctx.paths.stateRoot)} and ${printable(ctx.paths.configRoot)}`,
  );
  note.hint('The command itself goes with `npm uninstall --global terok`.');
}

function question({ paths }: ExecutorContext, purge: boolean): string {
  if (!purge) return 'Take back what `terok setup` made? Projects, tasks and archives stay.';
  const places = `${printable(paths.stateRoot)} and ${printable(paths.configRoot)}`;
  return `Destroy every project, task and archive of terok in ${places}, with all work that was not fetched?`;
}

/** Those of this installation. Refuses while something in one of them lives, and where that is not known. */
async function idleContainers(ctx: ExecutorContext): Promise<readonly ContainerRow[]> {
  const rows = await ctx.runtime.containers(installationLabels(ctx.installationId));
  if (rows === null) throw cliErrors.UNINSTALL_BLIND({});
  const running = rows.filter(({ state }) => ['running', 'paused', 'stopping'].includes(state));
  if (running.length > 0) throw cliErrors.UNINSTALL_BUSY({ containers: running.map(({ name }) => printable(name)) });
  return rows;
}

async function uninstall({ world }: Invocation, ctx: ExecutorContext, purge: boolean): Promise<UninstallJson> {
  const { paths, files } = ctx;
  clearStamp(ctx);
  await uninstallService(serviceContext(ctx), paths);
  await endDaemon(ctx);
  const kept: { name: string; reason: string }[] = [];
  const containers = await idleContainers(ctx);
  if (purge)
    for (const { name, removed, error } of await ctx.runtime.remove(containers.map(({ name: container }) => container)))
      if (!removed) kept.push({ name, reason: error ?? 'podman does not let go of it' });

  const images = await removeImages(ctx);
  kept.push(...images.kept);
  for (const path of [paths.engineProfile, paths.seccompProfile]) await files.remove(path);
  await files.removeTree(paths.images);
  await removeCompletions(ctx, world.environment);
  if (purge) await removeEverything(ctx);
  return { purged: purge, images: images.removed, kept };
}

/** An image that a container stands on, or that somebody gave a name of their own, stays. */
async function removeImages(
  ctx: ExecutorContext,
): Promise<{ readonly removed: string[]; readonly kept: { name: string; reason: string }[] }> {
  const images = await listImages(ctx);
  const names = new Map(images.map((image) => [image.id, image.references[0] ?? image.id.slice(0, 12)]));
  const stays = new Map(images.flatMap((image) => whyItStays(image)));
  const plan = {
    images: images.filter(({ id }) => !stays.has(id)).map((image) => ({ image, action: 'remove' as const, reason: 'superseded' as const })),
    stored: [],
    partials: [],
    remains: [],
  };
  const results = await applyImageCleanup(ctx, plan);
  const nameOf = (id: string) => names.get(id) ?? id;
  return {
    removed: results.flatMap((result) => ('removed' in result ? [nameOf(result.removed)] : [])),
    kept: [
      ...[...stays].map(([id, reason]) => ({ name: nameOf(id), reason })),
      ...results.flatMap((result) => ('kept' in result ? [{ name: nameOf(result.kept), reason: result.error }] : [])),
    ],
  };
}

function whyItStays({ id, containers, references }: InstallationImage): readonly (readonly [id: string, reason: string])[] {
  if (containers.length > 0) return [[id, `containers of tasks stand on it (${containers.join(', ')})`]];
  return references.every((name) => name.startsWith('localhost/terok')) ? [] : [[id, 'somebody gave it a name of their own']];
}

/** Only files that are ours: a person may have put their own in the place. */
async function removeCompletions({ files }: ExecutorContext, environment: Invocation['world']['environment']): Promise<void> {
  const home = environment['HOME'];
  if (home === undefined || home === '') return;
  for (const shell of shells) {
    const path = completionPath(shell, environment, home);
    const text = await readText(files, path, { maxBytes: 64 * 1024 }).catch(unlessMistake);
    if (text?.includes(scriptMark) === true) await files.remove(path);
  }
}

/** What cannot be read as a script of ours is none. */
function unlessMistake(error: unknown): null {
  if (error instanceof TerokError) return null;
  throw error;
}

/** What terok has made, by name: the directories may hold other things, such as where they were set to somebody's home. */
async function removeEverything({ paths, files }: ExecutorContext): Promise<void> {
  const trees = [dirname(paths.coreProjects), paths.tasks, paths.mirrors, paths.archive, paths.lifecycle, paths.projects, paths.agents];
  for (const path of [...trees, paths.runtime]) await files.removeTree(path);
  for (const path of [paths.userConfigFile, paths.installationId]) await files.remove(path);
}
