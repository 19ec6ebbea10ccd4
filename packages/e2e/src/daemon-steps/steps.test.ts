/** All seven sleep steps over real podman, with something in the house for each: what a dry run says is what is done, and once. */
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installationLabels, listImages } from '@terok/executor';
import { sleepStepIds, type SleepStepId, type StepDecision, type StepProblem } from '@terok/lifecycle-daemon';
import { getTaskMeta, listArchivedTasks, tasksArchiveDir, tasksMetaDir, type TaskContext } from '@terok/orchestration';
import { daemonSteps, digestFacts } from 'terok';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { libraryContext } from '../orchestration/library.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';

type Ran = { readonly decisions: readonly StepDecision[]; readonly problems: readonly StepProblem[] };

const dayMs = 24 * 60 * 60_000;
let installation: Installation;
let project: DemoProject;
/** The house two days later: what is left today is nobody's by then. */
let ctx: TaskContext;
let running: string;
let ended: string;
let orphan: string;
let places: { readonly left: string; readonly old: string; readonly temporary: string };

beforeAll(async () => {
  const shared = await sharedInstallation();
  installation = await otherInstallation('tidy');
  await shareBase(shared, installation);
  await writeFile(join(installation.configRoot, 'config.yml'), 'orphans:\n  remove: true\narchive:\n  retention: 365\n', { flag: 'a' });
  await installation.answer(['setup']);
  project = await demoProject(installation, 'tidy');
  const { ctx: now } = await libraryContext(installation);
  ctx = { ...now, clock: { ...now.clock, now: () => new Date(now.clock.now().getTime() + 2 * dayMs) } };
  const archives = tasksArchiveDir(ctx, 'tidy');
  places = {
    left: `localhost/terok/${ctx.installationId.slice(0, 8)}/l1:left`,
    old: join(archives, '20200101T120000000000Z_k0000_old'),
    temporary: join(ctx.paths.lifecycle, '.digest.json.7-1-ab-1.0f.tmp'),
  };

  const launched = async (script: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await project.run(script, '--detach');
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  running = await launched('sleep 600');
  ended = await launched('echo the end of it; exit 3');
  orphan = await launched('echo unsaved > work.txt; echo what an orphan said');
  await eventually(async () => {
    const rows = await containers();
    return [ended, orphan].every((id) => rows.includes(`tidy-run-${id} exited`)) ? true : undefined;
  });
  await makeMess();
}, 600_000);

/** Nobody looked at what ended, a record is lost, a writer died, an image is of yesterday and an archive of years ago. */
async function makeMess(): Promise<void> {
  for (const half of ['meta.yml', 'dossier.json']) await rm(join(tasksMetaDir(ctx, 'tidy'), `${orphan}_${half}`));
  await mkdir(places.old, { recursive: true, mode: 0o700 });
  await writeFile(join(places.old, 'task.json'), '{}');
  await mkdir(ctx.paths.lifecycle, { recursive: true, mode: 0o700 });
  await writeFile(places.temporary, 'half');
  await utimes(places.temporary, 0, 0);
  // Of this installation, beside whose images there are those of others: podman itself takes two labels for one or the other.
  const own = (await listImages(ctx)).find(({ layer }) => layer === 'L1');
  if (own === undefined) throw new Error('the installation has no image of an agent');
  const containerfile = join(installation.directory, 'Containerfile');
  await writeFile(containerfile, `FROM ${own.id}\nLABEL ai.terok.content=of-yesterday\n`);
  await installation.podman(['build', '--quiet', `--tag=${places.left}`, `--file=${containerfile}`, installation.directory]);
}

afterAll(async () => {
  await project.remove();
}, 300_000);

async function run(id: SleepStepId, { dryRun }: { readonly dryRun: boolean }): Promise<Ran> {
  const decisions: StepDecision[] = [];
  const step = daemonSteps(ctx).find((each) => each.id === id);
  if (step === undefined) throw new Error(`there is no step ${id}`);
  const { problems } = await step.run({
    signal: new AbortController().signal,
    dryRun,
    report: (decision) => void decisions.push(decision),
  });
  return { decisions, problems };
}

const changing = ({ decisions }: Ran): readonly string[] =>
  decisions
    .filter(({ decision }) => !['keep', 'ok', 'warn', 'error'].includes(decision))
    .map(({ subject, decision }) => `${decision} ${subject}`);

/** Every decision with its reason, and every problem: what a person needs to know when another one was expected. */
const inWords = ({ decisions, problems }: Ran): string =>
  [
    'it was decided:',
    ...decisions.map(({ subject, decision, reason }) => `${decision} ${subject}: ${reason}`),
    ...problems.map(({ subject, problem }) => `problem of ${subject}: ${problem}`),
  ].join('\n');

/** What a compression frees is known once it is done. */
const planned = ({ decisions, problems }: Ran) => ({
  decisions: decisions.map(({ bytes, ...decision }) => (decision.decision === 'compress' ? decision : { bytes, ...decision })),
  problems,
});

const images = async (): Promise<readonly string[]> =>
  (await installation.podman(['images', '--format={{.Repository}}:{{.Tag}}'])).split('\n').toSorted();
const containers = async (): Promise<readonly string[]> => {
  const rows = await ctx.runtime.containers(installationLabels(ctx.installationId));
  return (rows ?? []).map(({ name, state }) => `${name} ${state}`).toSorted();
};
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

test.each(sleepStepIds)('%s', async (id) => {
  const [imagesBefore, containersBefore] = [await images(), await containers()];
  const plan = await run(id, { dryRun: true });
  expect([await images(), await containers()]).toEqual([imagesBefore, containersBefore]);

  const done = await run(id, { dryRun: false });
  expect(planned(done)).toEqual(planned(plan));
  expect(changing(done).toSorted(), inWords(done)).toEqual(expected()[id].toSorted());
  const again = await run(id, { dryRun: false });
  expect(changing(again), inWords(again)).toEqual([]);
});

/** What there is to do, and for each step nothing else. */
const expected = (): Readonly<Record<SleepStepId, readonly string[]>> => ({
  'reconcile-tasks': [`record task tidy/${ended}`],
  orphans: [`archive and remove task tidy/${orphan}`],
  logs: [`capture log of tidy/${ended}`],
  archive: [`remove archive ${places.old}`],
  images: [`remove image ${places.left}`],
  'state-hygiene': [`remove file ${places.temporary}`],
  health: [],
});

test('afterwards what ran runs, what ended is known, and the work of the orphan is in its archive', async () => {
  expect(await containers()).toContain(`tidy-run-${running} running`);
  expect(await getTaskMeta(ctx, 'tidy', ended)).toMatchObject({ status: 'failed', exitCode: 3 });
  const [archived] = await listArchivedTasks(ctx, 'tidy');
  expect(archived?.taskId).toBe(orphan);
  const kept = await readdir(archived?.archiveDir ?? '', { recursive: true });
  expect(kept).toEqual(expect.arrayContaining(['logs/container.log', 'work/untracked.tar']));
  expect(await isThere(places.old)).toBe(false);
  expect(await isThere(places.temporary)).toBe(false);
  expect(await images()).not.toContain(places.left);
});

test('the digest tells how each task ended, what runs, and whose work is not merged', async () => {
  const until = ctx.clock.now();
  const { tasks, unmerged } = await digestFacts(ctx, { since: new Date(until.getTime() - 3 * dayMs), until });
  expect(new Map(tasks.map(({ task, outcome, exit_code: exitCode }) => [task, [outcome, exitCode]]))).toEqual(
    new Map([
      [running, ['running', null]],
      [ended, ['failed', 3]],
    ]),
  );
  expect(unmerged).toMatchObject([{ project: 'tidy', task: ended, branch: null, fix: `terok task fetch tidy/${ended}` }]);
});
