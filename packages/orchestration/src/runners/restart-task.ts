/** Brings a task's container back: the one that is there where it can be, else a new one over the same workspace. Nothing is fetched. */
import type { ContainerRow } from '@terok/executor';
import { formatInstant, TerokError } from '@terok/sandbox';
import { recordedContainerName } from '../containers/container-name.ts';
import { isUp, rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import { runToldHook } from '../hooks/run-hook.ts';
import { refuseDuringPanic } from '../panic.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import { loadProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { captureLogsOf } from '../task-logs.ts';
import { isLaunching } from '../task-state.ts';
import { refuseFullDisk } from '../tasks/disk-guard.ts';
import type { TaskId } from '../tasks/identity.ts';
import { loadTaskMeta, updateTask, type TaskRecord } from '../tasks/meta.ts';
import { recordEnd } from '../tasks/record-end.ts';
import { reconcileTask } from '../tasks/reconcile.ts';
import { taskStop } from '../tasks/stop.ts';
import { noRun } from '../tasks/undo-launch.ts';
import { refuseDeleting } from './follow-up.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { launchTask, unlessMistake } from './launch-task.ts';
import { planRestart, type RecreateReason, type RestartPlan, type RestartRefusal, type RestartWish } from './restart-plan.ts';
import { awaitReady } from './run-cli.ts';

export type RestartOptions = RestartWish & Pick<LaunchOptions, 'onProgress' | 'signal'>;

export type RestartedTask = {
  readonly taskId: TaskId;
  readonly containerName: string;
  readonly how: 'left' | 'resumed' | 'recreated';
  /** Why a new container was made, in words; null unless one was. */
  readonly reason: string | null;
};

type Restart = {
  readonly ctx: TaskContext;
  readonly project: ProjectConfig;
  readonly taskId: TaskId;
  readonly record: TaskRecord;
  readonly row: ContainerRow | undefined;
  readonly options: RestartOptions;
};

/** Throws TASK_NEVER_RUN, TASK_DELETING, RESTART_REFUSED, RESTART_REPLAYS, CONTAINERS_UNKNOWN, and what starting a container throws. */
export async function taskRestart(
  ctx: TaskContext,
  projectId: string,
  taskId: TaskId,
  options: RestartOptions = {},
): Promise<RestartedTask> {
  await refuseDuringPanic(ctx);
  const project = await loadProject(ctx, projectId);
  await reconcileTask(ctx, projectId, taskId);
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  refuseDeleting(projectId, taskId, record);
  const rows = await taskContainers(ctx, projectId, taskId);
  const row = rowOfLaunch(rows ?? [], record.launch_id);
  const state = rows === null ? 'unknown' : (row?.state ?? null);
  const plan = planRestart({ mode: record.mode ?? null, state, launching: isLaunching(record) }, options);
  return applyRestart({ ctx, project, taskId, record, row, options }, plan);
}

async function applyRestart(restart: Restart, plan: RestartPlan): Promise<RestartedTask> {
  switch (plan.kind) {
    case 'refuse':
      throw refusal(restart, plan.why);
    case 'leave':
      return { taskId: restart.taskId, containerName: nameOf(restart), how: 'left', reason: null };
    case 'resume':
      return resume(restart, plan);
    case 'recreate':
      return recreate(restart, { ...plan, reason: reasons[plan.reason] });
  }
}

const reasons: Readonly<Record<RecreateReason, string>> = {
  asked: 'a new one was asked for',
  gone: 'the container no longer exists',
  dead: 'the container is dead',
};

function refusal({ project, taskId, row }: Restart, why: RestartRefusal): TerokError {
  const place = { project: project.id, task: taskId };
  switch (why) {
    case 'never_run':
      return projectErrors.TASK_NEVER_RUN(place);
    case 'unknown':
      return projectErrors.CONTAINERS_UNKNOWN({});
    case 'legacy_mode':
      return projectErrors.RESTART_REFUSED({ ...place, reason: 'it ran in a mode that is no more' });
    case 'under_way':
      return projectErrors.RESTART_REFUSED({ ...place, reason: 'its container is just being started or removed' });
    case 'replays_prompt':
      return projectErrors.RESTART_REPLAYS({
        ...place,
        reason: row === undefined ? reasons.gone : 'only a new container could be started',
      });
  }
}

const nameOf = ({ project, taskId, record, row }: Restart): string => row?.name ?? recordedContainerName(project.id, taskId, record) ?? '';

/**
 * The same container again. That it ended before stays on record until it runs: a crash in between leaves what was true, and a later
 * look sees by podman's moments whether it ran again.
 */
async function resume(restart: Restart, { stopFirst, otherwise }: Extract<RestartPlan, { kind: 'resume' }>): Promise<RestartedTask> {
  const { ctx, project, taskId } = restart;
  const name = nameOf(restart);
  await refuseFullDisk(ctx);
  if (stopFirst) await taskStop(ctx, project.id, taskId);
  await updateTask(ctx, project.id, taskId, { restarted_at: formatInstant(ctx.clock.now()) });
  try {
    await ctx.runtime.start(name);
  } catch (error) {
    if (otherwise === 'fail' || !(error instanceof TerokError)) throw error;
    return recreate(restart, { stopFirst: false, remove: true, reason: `the container did not start: ${error.message}` });
  }
  const begun = { ...noRun, stop_requested_at: null, interrupted_at: null, stop_reason: null, launching_at: null };
  const record = await updateTask(ctx, project.id, taskId, { ...begun, started_at: formatInstant(ctx.clock.now()) });
  await refuseStarted(restart);
  const order = { project, taskId, hook: 'post_start' as const, mode: record.mode ?? '', containerName: name };
  await runToldHook(ctx, order, restart.options.onProgress);
  return { taskId, containerName: name, how: 'resumed', reason: null };
}

/** Whoever pulled the brake, or began to delete the task, just before it started may not have seen the container run. */
async function refuseStarted({ ctx, project, taskId }: Restart): Promise<void> {
  try {
    await refuseDuringPanic(ctx);
    refuseDeleting(project.id, taskId, (await loadTaskMeta(ctx, project.id, taskId)).record);
  } catch (refused) {
    await taskStop(ctx, project.id, taskId, { timeoutSeconds: 0 }).catch(unlessMistake);
    throw refused;
  }
}

type Recreation = { readonly stopFirst: boolean; readonly remove: boolean; readonly reason: string };

/** A new container over the same workspace: the launch clears the old one away once its log is kept. */
async function recreate(restart: Restart, { stopFirst, remove, reason }: Recreation): Promise<RestartedTask> {
  const { ctx, project, taskId, record, row, options } = restart;
  if (stopFirst) await attemptStop(restart);
  if (remove && row !== undefined) await settle(restart, row);
  else if (typeof record.ended !== 'string') await updateTask(ctx, project.id, taskId, { ended: 'terok_error', launching_at: null });
  const { onProgress, signal } = options;
  const launched = await launchTask(
    ctx,
    project.id,
    { mode: 'cli' },
    {
      taskId,
      ...(record.agent === undefined || record.agent === null ? {} : { agent: record.agent }),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  await awaitReady(ctx, project.id, launched, signal ?? AbortSignal.timeout(readyTimeoutMs));
  return { ...launched, how: 'recreated', reason };
}

const readyTimeoutMs = 60_000;

/** A container that does not stop is removed all the same: that is what was asked for. */
async function attemptStop({ ctx, project, taskId, options }: Restart): Promise<void> {
  try {
    await taskStop(ctx, project.id, taskId, { timeoutSeconds: 0 });
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    options.onProgress?.({ kind: 'stage', stage: 'restart', text: `the container did not stop: ${error.message}` });
  }
}

/** What a launch takes for a run that is over: an end on record, and nothing that is up. */
async function settle({ ctx, project, taskId }: Restart, row: ContainerRow): Promise<void> {
  const now = (await taskContainers(ctx, project.id, taskId))?.find(({ name }) => name === row.name);
  if (now === undefined) return;
  if (now.state === 'exited') {
    await recordEnd(ctx, project.id, taskId, now);
    return;
  }
  if (isUp(now) || now.state === 'dead' || now.state === 'created' || now.state === 'initialized') {
    // What cannot be kept of a container that is broken does not keep another from being made.
    if (now.startedAt !== null) await captureLogsOf(ctx, project.id, taskId, now.name).catch(unlessMistake);
    await ctx.runtime.remove([now.name]);
    await updateTask(ctx, project.id, taskId, (found) =>
      typeof found.ended === 'string' ? {} : { ended: 'terok_error', launching_at: null },
    );
  }
}
