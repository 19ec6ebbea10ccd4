/** Step 2: containers and folders of ours that no record knows. What is removed is archived before, and only where that was asked for. */
import { join } from 'node:path';
import { installationLabels, labelNames, type ContainerRow } from '@terok/executor';
import type { SleepStep, StepProblem } from '@terok/lifecycle-daemon';
import { isProjectId, isTaskId, projectErrors, taskDelete, taskExists, type TaskContext, type TaskId } from '@terok/orchestration';
import { knownProjects, taskFolders } from './known-tasks.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

/** What ended or was made less long ago may be somebody's work at this moment. */
const settledMs = 24 * 60 * 60_000;

/** A task that there is no record of: what is left of it. */
type Orphan = {
  readonly projectId: string;
  readonly taskId: TaskId;
  readonly containers: readonly ContainerRow[];
  /** Null where there is none. */
  readonly folder: string | null;
};

export function orphansStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'orphans',
    title: 'find containers and folders that no task knows',
    async plan() {
      const rows = await ctx.runtime.containers(installationLabels(ctx.installationId));
      if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
      const orphans = await orphansAmong(ctx, rows);
      const decided = await Promise.all(orphans.map((orphan) => decide(ctx, orphan)));
      const nameless = rows.filter(({ labels }) => labels[labelNames.project] !== undefined && ownerOf(labels) === null);
      return {
        acts: [
          ...decided.map(({ act }) => act),
          ...nameless.map(({ name }) => kept(`container ${name}`, 'its labels name no task, so nothing is known of its work').act),
        ],
        problems: decided.flatMap(({ problem }) => problem ?? []),
      };
    },
  });
}

async function orphansAmong(ctx: TaskContext, rows: readonly ContainerRow[]): Promise<readonly Orphan[]> {
  const found = new Map<string, Orphan>();
  for (const row of rows) {
    const owner = ownerOf(row.labels);
    if (owner === null || (await taskExists(ctx, owner.projectId, owner.taskId))) continue;
    const key = `${owner.projectId}/${owner.taskId}`;
    const before = found.get(key);
    found.set(key, { ...owner, folder: null, containers: [...(before?.containers ?? []), row] });
  }
  for (const projectId of await knownProjects(ctx))
    for (const { taskId, path, hasRecord } of await taskFolders(ctx, projectId)) {
      const key = `${projectId}/${taskId}`;
      if (!hasRecord) found.set(key, { projectId, taskId, folder: path, containers: found.get(key)?.containers ?? [] });
    }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, orphan]) => orphan);
}

function ownerOf(labels: ContainerRow['labels']): { readonly projectId: string; readonly taskId: TaskId } | null {
  const [projectId, taskId] = [labels[labelNames.project], labels[labelNames.task]];
  return projectId !== undefined && isProjectId(projectId) && isTaskId(taskId) ? { projectId, taskId } : null;
}

type Decided = { readonly act: PlannedAct; readonly problem: StepProblem | null };

async function decide(ctx: TaskContext, orphan: Orphan): Promise<Decided> {
  const { projectId, taskId, containers, folder } = orphan;
  const subject = `orphan ${projectId}/${taskId}`;
  const what = [...containers.map(({ name }) => `container ${name}`), ...(folder === null ? [] : [`folder ${folder}`])].join(', ');
  const up = containers.find(({ state }) => !['exited', 'dead', 'created'].includes(state));
  if (up !== undefined) return kept(subject, `container ${up.name} is ${up.state}`);
  if (!(await isSettled(ctx, orphan))) return kept(subject, `${what}: less than a day old`);
  if (!ctx.config.orphans.remove) {
    const { act } = kept(subject, `${what}: no record knows it, and \`orphans.remove\` is off`);
    return { act, problem: { subject, problem: `${what}: no record knows it`, fix: 'terok config edit   # orphans: {remove: true}' } };
  }
  return {
    act: { subject, decision: 'archive and remove', reason: `${what}: no record knows it`, act: () => removed(ctx, orphan) },
    problem: null,
  };
}

const kept = (subject: string, reason: string): Decided => ({ act: { subject, decision: 'keep', reason }, problem: null });

/** A container alone has its log to be kept, for which a folder is made as a task has one. */
async function removed(ctx: TaskContext, { projectId, taskId }: Orphan): Promise<void> {
  await ctx.files.ensureDirectory(join(ctx.paths.tasks, projectId, taskId));
  await taskDelete(ctx, projectId, taskId);
}

/** A container that never started has nothing in it. */
async function isSettled(ctx: TaskContext, { containers, folder }: Orphan): Promise<boolean> {
  const madeAt = folder === null ? null : (await ctx.files.stat(folder))?.modifiedAt;
  const moments = [...containers.map(({ finishedAt, startedAt }) => finishedAt ?? startedAt), madeAt].flatMap((at) => at ?? []);
  return moments.every((at) => ctx.clock.now().getTime() - at.getTime() >= settledMs);
}
