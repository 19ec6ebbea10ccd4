/** Step 6: what writers that died have left among our own files. Nothing that a container can write to is looked at. */
import { join } from 'node:path';
import type { SleepStep } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { withFileLock } from '@terok/sandbox';
import { removal } from './file-acts.ts';
import { knownFindings, repairAct } from './finding-acts.ts';
import { knownProjects, taskFolders } from './known-tasks.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

/** A writer takes seconds; what is older than this has none any more. */
const leftAfterMs = 24 * 60 * 60_000;
const corruptCopiesKept = 3;
const lockWaitMs = 1000;

export function stateHygieneStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'state-hygiene',
    title: 'sweep temporary files, damaged copies and locks that were left behind',
    async *plan(signal) {
      for (const finding of await knownFindings(ctx)) {
        const repair = finding.id === 'task-leftover' ? repairAct(ctx, finding) : null;
        if (repair !== null) yield repair;
      }
      for (const directory of await ownDirectories(ctx)) {
        signal.throwIfAborted();
        yield* leftovers(ctx, directory);
      }
    },
  });
}

/** Every directory that only we write to: those of records and settings, and of a task all but what its container sees. */
async function ownDirectories(ctx: TaskContext): Promise<readonly string[]> {
  const { stateRoot, lifecycle, events, coreProjects, archive, images, tasks, configRoot, projects, agents } = ctx.paths;
  const found = [stateRoot, lifecycle, events, coreProjects, archive, images, tasks, configRoot, projects, agents];
  for (const projectId of await knownProjects(ctx)) {
    found.push(join(projects, projectId), join(coreProjects, projectId), join(coreProjects, projectId, 'tasks'));
    found.push(join(archive, projectId), join(archive, projectId, 'tasks'), join(tasks, projectId));
    for (const folder of await taskFolders(ctx, projectId)) found.push(folder, join(folder, 'logs'));
  }
  return [...new Set(found)];
}

async function* leftovers(ctx: TaskContext, directory: string): AsyncGenerator<PlannedAct> {
  const entries = (await ctx.files.list(directory)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const named = (kind: 'file' | 'directory') => entries.filter((entry) => entry.kind === kind).map(({ name }) => name);
  const temporary = named('file').filter((name) => temporaryName.test(name));
  const locks = named('directory').filter((name) => name.endsWith('.lock'));
  const acts = [
    ...(await Promise.all(temporary.map((name) => temporaryFile(ctx, join(directory, name))))),
    ...(await Promise.all(locks.map((name) => deadLock(ctx, join(directory, name))))),
    ...(await Promise.all(surplusCopies(named('file')).map((name) => surplusCopy(ctx, join(directory, name))))),
  ];
  for (const act of acts) if (act !== null) yield act;
}

/** As a durable write names what stands in for its target: `.<target>.<writer>.tmp`. */
const temporaryName = /^\..+\.[0-9a-f]+\.tmp$/s;

async function temporaryFile(ctx: TaskContext, path: string): Promise<PlannedAct | null> {
  const facts = await ctx.files.stat(path);
  if (facts?.kind !== 'file' || ctx.clock.now().getTime() - facts.modifiedAt.getTime() < leftAfterMs) return null;
  return removal(ctx.files, path, { reason: 'its writer died before it was whole', bytes: facts.sizeBytes });
}

/** Of each file's damaged copies the three newest are kept; their names sort as time does. */
function surplusCopies(names: readonly string[]): readonly string[] {
  const copies = names.flatMap((name) => {
    const of = /^(.+)\.corrupt-\d{8}T\d{9}Z(?:-\d+)?$/s.exec(name)?.[1];
    return of === undefined ? [] : [{ of, name }];
  });
  return [...Map.groupBy(copies, ({ of }) => of).values()].flatMap((group) => group.slice(0, -corruptCopiesKept).map(({ name }) => name));
}

async function surplusCopy(ctx: TaskContext, path: string): Promise<PlannedAct | null> {
  const facts = await ctx.files.stat(path);
  return facts?.kind === 'file'
    ? removal(ctx.files, path, { reason: 'three newer damaged copies are there', bytes: facts.sizeBytes })
    : null;
}

/** A lock is cleared by taking it: that takes every mark of the dead away, and the directory with the last one. */
async function deadLock(ctx: TaskContext, path: string): Promise<PlannedAct | null> {
  const marks = await ctx.files.list(path);
  const claims = await Promise.all(marks.map(({ name }) => ctx.files.readClaim(join(path, name))));
  if (marks.length === 0 || !claims.every((claim) => claim !== null && !claim.alive)) return null;
  const act = () => withFileLock(ctx, path, { purpose: 'clearing a lock that was left behind', waitMs: lockWaitMs }, async () => {});
  return { subject: `lock ${path}`, decision: 'clear', reason: 'nobody who held or wanted it lives any more', act };
}
