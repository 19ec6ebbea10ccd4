/** One headless task, followed to its end. Ctrl-C stops it; whoever leaves otherwise leaves it running. */
import { taskLogFormat, taskRun, type TaskContext, type TaskId } from '@terok/orchestration';
import { exitStatus } from '@terok/sandbox';
import { watchAttention } from '../attended/attention.ts';
import { chosenProject } from '../dialog/choose-address.ts';
import { cliErrors } from '../errors.ts';
import { exitCodeOf, followToEnd } from '../attended/follow.ts';
import { runInteractively } from '../attended/interactive.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskRunJson } from '../json/task-json.ts';
import { launchAsWished } from '../attended/launch-wish.ts';
import { withNearestProject } from '../addresses/nearest.ts';
import { endText } from '../output/end-text.ts';
import { logWriter } from '../output/log-writer.ts';
import { readPrompt } from '../dialog/prompt.ts';
import { resolveTask, resolveTaskInput } from '../addresses/resolve-task.ts';
import { requireSetup } from '../setup-gate.ts';

export type TaskFollowUpFlags = {
  readonly prompt?: string;
  readonly promptFile?: string;
  readonly timeLimit?: number;
  readonly detach?: boolean;
  readonly allowDowngrade?: boolean;
  readonly raw?: boolean;
  readonly json?: boolean;
};

export type TaskRunFlags = TaskFollowUpFlags & {
  readonly agent?: string;
  readonly name?: string;
  readonly task?: string;
  readonly branch?: string;
  readonly interactive?: boolean;
};

export async function runTaskRun(invocation: Invocation, flags: TaskRunFlags, project?: string): Promise<number> {
  const prompt = flags.interactive === true ? await withoutPrompt(invocation, flags) : await readiness(invocation, flags);
  const projectId = await chosenProject(invocation, project);
  const ctx = await invocation.engine();
  const taskId = flags.task === undefined ? undefined : await resolveTaskInput(ctx, projectId, flags.task);
  if (prompt !== null) return runAndFollow(invocation, { ctx, projectId, taskId, prompt, flags });
  const { agent, name, branch, timeLimit, detach = false, json = false } = flags;
  return runInteractively(invocation, { ctx, projectId, taskId, agent, name, branch, timeLimit, detach, json });
}

export async function runTaskFollowUp(invocation: Invocation, flags: TaskFollowUpFlags, first?: string, second?: string): Promise<number> {
  const prompt = await readiness(invocation, flags);
  const address = await resolveTask(invocation, first, second);
  return runAndFollow(invocation, { ...address, prompt, flags });
}

/** People say it themselves, once they are in. */
async function withoutPrompt(invocation: Invocation, { prompt, promptFile, allowDowngrade = false }: TaskFollowUpFlags): Promise<null> {
  if (prompt !== undefined || promptFile !== undefined) throw cliErrors.PROMPT_NOT_TAKEN({});
  await requireSetup(invocation, { allowDowngrade });
  return null;
}

/** What to do, and that it may be done here: asked before anything else is looked at. */
async function readiness(invocation: Invocation, { allowDowngrade = false, ...source }: TaskFollowUpFlags): Promise<string> {
  const prompt = await readPrompt(source, invocation.world);
  await requireSetup(invocation, { allowDowngrade });
  return prompt;
}

type Run = {
  readonly ctx: TaskContext;
  readonly projectId: string;
  /** Of a task that is there. */
  readonly taskId: TaskId | undefined;
  readonly prompt: string;
  readonly flags: TaskRunFlags;
};

async function runAndFollow(invocation: Invocation, run: Run): Promise<number> {
  const { note, out, world } = invocation;
  const { ctx, projectId, taskId, prompt, flags } = run;
  const attention = watchAttention(world, note);
  try {
    const launched = await withNearestProject(ctx, projectId, () =>
      launchAsWished({ ...flags, taskId }, { attention, note }, (options) => taskRun(ctx, projectId, { prompt, ...options })),
    );
    const answer = { project_id: projectId, task_id: launched.taskId, container_name: launched.containerName };
    if ((flags.detach || attention.departure.aborted) && !attention.interrupt.aborted) {
      await (flags.json
        ? out.json({ ...answer, ended: null, exit_code: null, error: null } satisfies TaskRunJson)
        : out.line(launched.taskId));
      note.hint(`Follow it with \`terok task logs ${projectId} ${launched.taskId} --follow\`.`);
      return flags.detach ? exitStatus.ok : attention.departureExitCode();
    }

    note.say(`Task ${projectId}/${launched.taskId} is running; Ctrl-C stops it.`);
    const format = flags.raw ? 'plain' : await taskLogFormat(ctx, projectId, launched.taskId);
    const writer = logWriter({ stdout: flags.json ? note : out, stderr: note }, format);
    const end = await followToEnd({ ctx, projectId, taskId: launched.taskId, attention, writer });
    if (end === null) return attention.departureExitCode();
    note.say(`Task ${projectId}/${launched.taskId} ended: ${endText(end)}.`);
    if (end.ended === 'terok_error' && end.error !== null) note.warn(end.error);
    if (flags.json) await out.json({ ...answer, ended: end.ended, exit_code: end.exitCode, error: end.error } satisfies TaskRunJson);
    else note.hint(nextStep(`${projectId} ${launched.taskId}`, exitCodeOf(end)));
    return exitCodeOf(end);
  } finally {
    attention.end();
  }
}

const nextStep = (task: string, exitCode: number): string =>
  `See what it changed with \`terok task diff ${task}\`; ${
    exitCode === 0
      ? `bring the work home with \`terok task fetch ${task}\``
      : `go on from there with \`terok task follow-up ${task} --prompt TEXT\``
  }.`;
