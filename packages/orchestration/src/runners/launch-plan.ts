/** What a launch needs, read and judged before anything is made: whatever is to be refused is refused here. */
import { randomUUID } from 'node:crypto';
import {
  agentCommand,
  agentNamed,
  loadRoster,
  parsePodmanArgs,
  refuseGpus,
  type Agent,
  type AgentCommand,
  type AgentCommandOptions,
  type OnProgress,
} from '@terok/executor';
import { projectErrors } from '../errors.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import { loadProject } from '../projects/projects.ts';
import { resolveSecrets, secretsFor, type Secrets } from '../secrets/secrets.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { textAt, type TaskRecord } from '../tasks/meta.ts';
import { sessionFor, startableTask } from './follow-up.ts';

export type LaunchOptions = {
  /** The project's agent when left out. */
  readonly agent?: string;
  readonly name?: string;
  /** A task that was made and never run, or one that has ended: it goes on where it was. */
  readonly taskId?: TaskId;
  /** Where the work begins, instead of the project's branch. */
  readonly branch?: string;
  /** That of the run before when left out, else the project's. */
  readonly model?: string;
  /** Null is no limit; left out, the project's in mode `run`, and none in mode `cli`. */
  readonly timeLimitSeconds?: number | null;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
};

/** `run`: an agent works on a prompt. `cli`: the container waits for people, who log in and leave. */
export type Work = { readonly mode: 'run'; readonly prompt: string | Uint8Array } | { readonly mode: 'cli' };

export type LaunchPlan = {
  readonly project: ProjectConfig;
  readonly mode: Work['mode'];
  readonly agent: Agent;
  /** The record of the run before, which this one goes on with. */
  readonly before: TaskRecord | null;
  /** Null in mode `cli`. */
  readonly prompt: Uint8Array | null;
  readonly command: AgentCommand;
  /** Null where the agent names its session itself, or has none. */
  readonly session: AgentCommandOptions['session'];
  /** As it was asked for, now or for the run that is gone on with; null: as the project says. */
  readonly model: string | null;
  readonly secrets: Secrets;
  readonly timeLimitSeconds: number | null;
};

export const promptMaxBytes = 1024 * 1024;

/** Throws what keeps the launch from being tried, such as PROMPT_EMPTY, AGENT_UNKNOWN, TASK_RUNNING, SECRET_UNAVAILABLE. */
export async function planLaunch(ctx: TaskContext, projectId: string, work: Work, options: LaunchOptions): Promise<LaunchPlan> {
  const project = await loadProject(ctx, projectId);
  refuseGpus(project.gpus);
  parsePodmanArgs(project.podmanArgs, project.network);
  const roster = await loadRoster(ctx);
  const prompt = work.mode === 'run' ? checkedPrompt(work.prompt) : null;
  const before = options.taskId === undefined ? null : await startableTask(ctx, projectId, options.taskId, work.mode);
  const agent = agentNamed(roster, options.agent ?? before?.agent ?? project.agent);
  const session = work.mode === 'run' ? sessionFor(agent, before, randomUUID()) : null;
  const model = options.model ?? (before?.agent === agent.name ? textAt(before, 'model') : null);
  const command = agentCommand(agent, { session, model: model ?? project.model, baseUrl: project.baseUrl });
  return {
    project,
    mode: work.mode,
    agent,
    before,
    prompt,
    command: work.mode === 'run' ? command : { ...command, words: waitForPeople, stdin: '/dev/null' },
    session,
    model,
    secrets: await resolveSecrets(ctx, secretsFor(agent.name, project.secrets)),
    timeLimitSeconds:
      options.timeLimitSeconds ?? (options.timeLimitSeconds === null || work.mode === 'cli' ? null : project.timeLimitSeconds),
  };
}

/** The main program of an interactive container: it lives while sessions come and go, and ends at once when it is asked to. */
const waitForPeople: AgentCommand['words'] = ['/bin/bash', '-c', "trap 'exit 0' TERM; sleep infinity & wait $!"];

function checkedPrompt(prompt: string | Uint8Array): Uint8Array {
  const bytes = typeof prompt === 'string' ? new TextEncoder().encode(prompt) : prompt;
  if (new TextDecoder().decode(bytes).trim() === '') throw projectErrors.PROMPT_EMPTY({});
  if (bytes.length > promptMaxBytes) throw projectErrors.PROMPT_TOO_LARGE({ bytes: bytes.length, limitBytes: promptMaxBytes });
  return bytes;
}

/** What the agent will miss, said before it starts: it says so itself less plainly, and later. */
export function shortcomings({ agent, project, secrets }: LaunchPlan): readonly string[] {
  if (agent.keys.length === 0) return [];
  const hasKey = agent.keys.some((name) => Object.hasOwn(secrets, name));
  return [
    ...(project.network === 'open'
      ? []
      : [`${agent.label} has no network to reach its model by: set \`network.mode: open\` in project.yml`]),
    ...(hasKey ? [] : [`${agent.label} has no key: name one of ${agent.keys.join(', ')} under \`secrets\` in project.yml`]),
  ];
}
