/**
 * Runs a project's hook on the host, with its outcome in the task's record: at most once for each start of a container. One that is owed
 * is run at least once: whoever looks next begins it again when this program dies with it.
 */
import { dirname, join } from 'node:path';
import { toolEnvironment, type OnProgress, type ProcessOutcome } from '@terok/executor';
import { formatInstant, printable } from '@terok/sandbox';
import { taskDirectory } from '../containers/task-directory.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import type { TaskContext } from '../task-context.ts';
import { updateTask, type TaskRecord } from '../tasks/meta.ts';
import type { HookCommand, HookName } from './hook-config.ts';
import { begunRun, hookProblem, isOwed, wasBegun, withHookRun, type HookRun } from './hook-run.ts';

export type HookOrder = {
  readonly project: ProjectConfig;
  readonly taskId: string;
  readonly hook: HookName;
  readonly mode: string;
  readonly containerName: string;
  /** More that the program is told, by the name of the variable. */
  readonly facts?: Readonly<Record<string, string>>;
};

const outputMaxBytes = 64 * 1024;
const problemMaxCharacters = 500;

/**
 * The outcome, in the record too; null when the project has no such hook, or it was begun for this start before. Never throws for
 * what the program did.
 */
export async function runHook(ctx: TaskContext, order: HookOrder): Promise<HookRun | null> {
  return beginHook(ctx, order, (record) => !wasBegun(order.hook, record));
}

/** As `runHook`, for one that the record owes; null where it owes none, or somebody who lives is at it. */
export async function runOwedHook(ctx: TaskContext, order: HookOrder): Promise<HookRun | null> {
  const { files } = ctx;
  const path = join(taskDirectory(ctx, order.project.id, order.taskId).root, `.${order.hook}`);
  const left = await files.readClaim(path);
  if (left?.alive === false) await files.release(path, left.text);
  const mark = await files.claim(path, `running ${order.hook} of ${order.project.id}/${order.taskId}`);
  if (mark === null) return null;
  try {
    return await beginHook(ctx, order, (record) => isOwed(order.hook, record));
  } finally {
    await files.release(path, mark);
  }
}

async function beginHook(ctx: TaskContext, order: HookOrder, isDue: (record: TaskRecord) => boolean): Promise<HookRun | null> {
  const { project, taskId, hook } = order;
  const command = project.hooks[hook];
  if (command === null) return null;
  let begun: HookRun | null = null;
  await updateTask(ctx, project.id, taskId, (record) => {
    begun = isDue(record) ? begunRun(hook, record, formatInstant(ctx.clock.now())) : null;
    return begun === null ? {} : { hooks: withHookRun(record.hooks, begun) };
  });
  return begun === null ? null : finishHook(ctx, order, command, begun);
}

/** A hook whose failure changes nothing but what is said and recorded. */
export async function runToldHook(ctx: TaskContext, order: HookOrder, onProgress: OnProgress = () => {}): Promise<void> {
  const run = await runHook(ctx, order);
  if (run !== null && run.problem !== null)
    onProgress({ kind: 'stage', stage: 'hook', text: `the ${order.hook} hook of project ${order.project.id} ${run.problem}` });
}

async function finishHook(ctx: TaskContext, order: HookOrder, command: HookCommand, begun: HookRun): Promise<HookRun> {
  const [binary = '', ...args] = command.command;
  const outcome = await ctx.processes.run({
    binary,
    args,
    cwd: dirname(order.project.file),
    env: { ...toolEnvironment(ctx.env), ...variablesOf(ctx, order) },
    timeoutMs: command.timeoutSeconds * 1000,
    outputMaxBytes,
  });
  const { end } = outcome;
  const run: HookRun = {
    ...begun,
    finishedAt: formatInstant(ctx.clock.now()),
    exitCode: end.kind === 'exited' ? end.exitCode : null,
    problem: hookProblem(end, lastWords(outcome)),
  };
  await updateTask(ctx, order.project.id, order.taskId, (record) => ({ hooks: withHookRun(record.hooks, run) }));
  return run;
}

function variablesOf(
  ctx: TaskContext,
  { project, taskId, hook, mode, containerName, facts = {} }: HookOrder,
): Readonly<Record<string, string>> {
  return {
    ...facts,
    TEROK_HOOK: hook,
    TEROK_PROJECT_NAME: project.id,
    TEROK_TASK_ID: taskId,
    TEROK_TASK_MODE: mode,
    TEROK_CONTAINER_NAME: containerName,
    TEROK_TASK_DIR: taskDirectory(ctx, project.id, taskId).root,
  };
}

/** The last line of standard error, fit for a terminal. */
function lastWords({ stderr }: ProcessOutcome): string {
  const line = new TextDecoder().decode(stderr).trim().split('\n').at(-1) ?? '';
  return printable(line).slice(0, problemMaxCharacters);
}
