/** Launches a task: plan, prepare, then the container, with the intent on disk before each act, so that a crash at any point can be finished or taken back. */
import { installationLabels, labelNames, launch, type RunSpec } from '@terok/executor';
import { formatInstant, TerokError } from '@terok/sandbox';
import { giveToContainer, taskDirectory } from '../containers/task-directory.ts';
import { projectErrors } from '../errors.ts';
import { refuseDuringPanic } from '../panic.ts';
import { runHook, runToldHook } from '../hooks/run-hook.ts';
import { secretsFilePath, withSecretsFile } from '../secrets/secrets-file.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { withLaunchMark } from '../tasks/launch-mark.ts';
import { removeTaskMeta, updateTask } from '../tasks/meta.ts';
import { startedRun } from '../tasks/runs.ts';
import { undoneLaunch } from '../tasks/undo-launch.ts';
import { clearEndedContainer, refuseDeleting } from './follow-up.ts';
import { planLaunch, shortcomings, type LaunchOptions, type Work } from './launch-plan.ts';
import { launchIntent, launchSpec } from './launch-spec.ts';
import { prepareLaunch, type PreparedLaunch } from './prepared-launch.ts';

export type LaunchedTask = { readonly taskId: TaskId; readonly containerName: string };

/** Returns once the container runs. A launch that fails leaves nothing of it behind: no container, and no task that it made. */
export async function launchTask(ctx: TaskContext, projectId: string, work: Work, options: LaunchOptions): Promise<LaunchedTask> {
  const { onProgress = () => {} } = options;
  await refuseDuringPanic(ctx);
  const plan = await planLaunch(ctx, projectId, work, options);
  if (plan.mode === 'run') for (const text of shortcomings(plan)) onProgress({ kind: 'stage', stage: 'agent', text });

  const prepared = await prepareLaunch(ctx, plan, options);
  let launched: LaunchedTask;
  try {
    onProgress({ kind: 'stage', stage: 'launch', text: `${plan.before === null ? 'starting' : 'going on with'} task ${prepared.taskId}` });
    launched = await withLaunchMark(ctx, projectId, prepared.taskId, () => launchContainer(prepared));
  } catch (error) {
    await takeBack(prepared).catch(unlessMistake);
    throw error;
  }
  const { project, mode } = plan;
  await runToldHook(ctx, { project, mode, taskId: launched.taskId, hook: 'post_start', containerName: launched.containerName }, onProgress);
  return launched;
}

async function launchContainer(prepared: PreparedLaunch): Promise<LaunchedTask> {
  const { ctx, plan, taskId, engine } = prepared;
  const { project, before } = plan;
  const directory = taskDirectory(ctx, project.id, taskId);
  const spec = launchSpec(prepared);
  const intent = launchIntent(prepared, spec);
  // Of two launches at once the record takes one.
  await updateTask(ctx, project.id, taskId, (found) => {
    refuseDeleting(project.id, taskId, found);
    if ((found.launch_id ?? null) !== (before?.launch_id ?? null)) throw projectErrors.TASK_RUNNING({ project: project.id, task: taskId });
    return intent;
  });
  const readied = await runHook(ctx, { project, taskId, mode: plan.mode, hook: 'pre_start', containerName: spec.name });
  if (readied !== null && readied.problem !== null)
    throw projectErrors.HOOK_FAILED({ project: project.id, hook: 'pre_start', problem: readied.problem });
  if (before !== null) await clearEndedContainer(ctx, project.id, taskId, before);
  await giveToContainer(ctx.files, directory, engine);
  if (plan.prompt !== null) await ctx.files.replace(directory.prompt, plan.prompt, { mode: 0o644 });

  await refuseDuringPanic(ctx);
  const announce = (other: string) => updateTask(ctx, project.id, taskId, { container_name: other });
  const name = await withSecretsFile(ctx, secretsFilePath(directory.root), plan.secrets, () => launchUnderFreeName(ctx, spec, announce));
  // Whoever pulled the brake, or began to delete the task, just before it started may not have seen the container.
  await refuseDuringPanic(ctx);
  await updateTask(ctx, project.id, taskId, (found) => {
    refuseDeleting(project.id, taskId, found);
    return { ...startedRun(found), started_at: formatInstant(ctx.clock.now()) };
  });
  return { taskId, containerName: name };
}

/** Returns the name it got: the usual one, or that with this installation's mark when somebody else has it. */
async function launchUnderFreeName(ctx: TaskContext, spec: RunSpec, announce: (name: string) => Promise<unknown>): Promise<string> {
  try {
    await launch(ctx.runtime, spec);
    return spec.name;
  } catch (error) {
    if (!(error instanceof TerokError) || error.code !== 'CONTAINER_NAME_TAKEN') throw error;
    const name = `${spec.name}-${ctx.installationId.slice(0, 4)}`;
    await announce(name);
    await launch(ctx.runtime, { ...spec, name });
    return name;
  }
}

/**
 * Takes back what this launch made: its container, whatever podman said about it, then the task if it is new. What podman does not
 * let go of, or say, stays with its intent on record: a later look clears it up.
 */
async function takeBack({ ctx, plan: { project }, taskId, launchId, made }: PreparedLaunch): Promise<void> {
  const ours = { ...installationLabels(ctx.installationId), [labelNames.task]: taskId, [labelNames.launch]: launchId };
  const rows = await ctx.runtime.containers(ours);
  if (rows === null || (await ctx.runtime.remove(rows.map(({ name }) => name))).some(({ removed }) => !removed)) return;
  if (made) {
    // Its workspace was never begun.
    await ctx.files.removeTree(taskDirectory(ctx, project.id, taskId).root);
    await removeTaskMeta(ctx, project.id, taskId);
    return;
  }
  await updateTask(ctx, project.id, taskId, (found) => (found.launch_id === launchId ? undoneLaunch(found) : {}));
}

/** For an act that may fail: the error that led here is the one to tell. */
export function unlessMistake(error: unknown): void {
  if (!(error instanceof TerokError)) throw error;
}
