/** Makes this machine ready: looks at the host, learns how containers start, makes directories and an image, and stamps that all of it was done. */
import { join } from 'node:path';
import { doctorChecks, ensureAgentImage, setupEngine, type ExecutorContext } from '@terok/executor';
import { printable, withFileLock } from '@terok/sandbox';
import { checkSetup, writeStamp, type Versions } from '@terok/sandbox/setup-stamp';
import { watchAttention } from '../attended/attention.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Note } from '../output/note.ts';
import { progressOn } from '../output/progress.ts';
import { frontEndVersions } from '../versions/versions.ts';

export type SetupFlags = { readonly images: boolean; readonly base?: string };

/** What nothing works without; everything else that `doctor` looks at comes out of setup itself, or is a limit to live with. */
const prerequisites: readonly string[] = ['podman', 'git'];

/** Whoever leaves before the end ends it: what was being made is taken back, what was made stays, and no stamp is written. */
export async function runSetup({ engine, note, world }: Invocation, flags: SetupFlags): Promise<void> {
  const ctx = await engine();
  const versions = frontEndVersions();
  const attention = watchAttention(world, note);
  const signal = AbortSignal.any([attention.interrupt, attention.departure]);
  try {
    await withFileLock(ctx, join(ctx.paths.stateRoot, 'setup.lock'), { purpose: 'setting up', signal }, () =>
      setUp(ctx, { versions, flags, note, signal }),
    );
  } catch (error) {
    if (signal.aborted) throw cliErrors.SETUP_INTERRUPTED({}, error);
    throw error;
  } finally {
    attention.end();
  }
}

type Setup = { readonly versions: Versions; readonly flags: SetupFlags; readonly note: Note; readonly signal: AbortSignal };

async function setUp(found: ExecutorContext, { versions, flags, note, signal }: Setup): Promise<void> {
  const onProgress = progressOn(note);
  const stage = (text: string) => onProgress({ kind: 'stage', stage: 'setup', text });
  const before = checkSetup(found, versions).verdict;

  stage('looking at this host');
  await requireFitHost(found);
  const ctx = before === 'ok' && found.engine.kind === 'current' ? found : await setupEngine(found, { onProgress });

  stage('making directories');
  const { paths } = ctx;
  for (const directory of [
    paths.stateRoot,
    paths.coreProjects,
    paths.tasks,
    paths.mirrors,
    paths.images,
    paths.archive,
    paths.lifecycle,
    paths.configRoot,
    paths.projects,
    paths.agents,
  ]) {
    await ctx.files.ensureDirectory(directory);
  }

  const image = flags.images
    ? await ensureAgentImage(ctx, { agents: ['shell'], base: flags.base ?? ctx.config.image.base, onProgress, signal })
    : null;
  signal.throwIfAborted();
  writeStamp(ctx, versions);

  if (image !== null)
    note.say(image.built ? `Built image ${printable(image.reference)}.` : `Image ${printable(image.reference)} is there and fresh.`);
  note.say(
    before === 'ok' && image?.built !== true
      ? 'This machine was set up already; everything is fine.'
      : `This machine is set up. State: ${printable(paths.stateRoot)}`,
  );
  if (before === 'first_run') note.hint('Add a repository with `terok project add PROJECT REPOSITORY`, or let `terok project wizard` ask.');
}

async function requireFitHost(ctx: ExecutorContext): Promise<void> {
  const unfit = (await doctorChecks(ctx)).filter(({ id, status }) => status === 'error' && prerequisites.includes(id));
  if (unfit.length > 0)
    throw cliErrors.HOST_UNFIT({
      findings: unfit.map(({ finding, fix }) => printable(fix === undefined ? finding : `${finding} (fix: ${fix})`)),
    });
}
