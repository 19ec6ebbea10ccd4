/** What a launch takes from the host and may share with others: an engine that works, an image, a mirror, room on the disk; and the task. */
import { randomUUID } from 'node:crypto';
import { certificatesFrom, hostCaBundle, withUsableEngine, type Certificates, type EngineProfile } from '@terok/executor';
import { commitIdentity } from '../containers/commit-identity.ts';
import { ensureProjectImage } from '../projects/project-image.ts';
import { startPoint, syncMirror, type StartPoint } from '../projects/mirror.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { refuseFullDisk } from '../tasks/disk-guard.ts';
import { createTask } from '../tasks/new-task.ts';
import { startOf } from './follow-up.ts';
import type { LaunchOptions, LaunchPlan } from './launch-plan.ts';

export type PreparedLaunch = {
  readonly ctx: TaskContext;
  readonly plan: LaunchPlan;
  readonly launchId: string;
  readonly taskId: TaskId;
  /** The task was made for this launch, and goes if it fails. */
  readonly made: boolean;
  readonly engine: EngineProfile;
  readonly image: string;
  readonly start: StartPoint;
  readonly certificates: Certificates;
  /** Who commits are by, as variables that git reads. */
  readonly identity: Readonly<Record<string, string>>;
};

/** The task is made last: until then nothing of the launch is there to be taken back. */
export async function prepareLaunch(given: TaskContext, plan: LaunchPlan, options: LaunchOptions): Promise<PreparedLaunch> {
  const { project, agent, before } = plan;
  const { onProgress = () => {}, signal } = options;
  await refuseFullDisk(given);
  const ctx = await withUsableEngine(given, { onProgress });
  if (!('profile' in ctx.engine)) throw new Error('the engine is usable and has no profile');
  const image = await ensureProjectImage(ctx, project, agent.name, { onProgress, ...(signal === undefined ? {} : { signal }) });
  const start = before === null ? await freshStart(ctx, plan, options) : startOf(before);
  const certificates = certificatesFrom(project.network === 'open' ? await hostCaBundle(ctx.files, ctx.env) : null);
  const identity = await commitIdentity(ctx, project, agent);
  signal?.throwIfAborted();

  const taskId = options.taskId ?? (await createTask(ctx, project, options.name === undefined ? {} : { name: options.name }));
  return {
    ctx,
    plan,
    launchId: randomUUID(),
    taskId,
    made: options.taskId === undefined,
    engine: ctx.engine.profile,
    image: image.reference,
    start,
    certificates,
    identity,
  };
}

async function freshStart(
  ctx: TaskContext,
  { project }: LaunchPlan,
  { branch, onProgress = () => {}, signal }: LaunchOptions,
): Promise<StartPoint> {
  onProgress({ kind: 'stage', stage: 'mirror', text: `fetching ${project.repository}` });
  const sync = await syncMirror(ctx, project, signal === undefined ? {} : { signal });
  if (sync.kind === 'stale')
    onProgress({ kind: 'stage', stage: 'mirror', text: `the repository cannot be reached, its last known state is used: ${sync.reason}` });
  return startPoint(ctx, project, branch ?? project.branch);
}
