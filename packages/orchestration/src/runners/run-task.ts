/** Starts a headless task: intent on disk before each act, so that a crash at any point can be finished or taken back. */
import { createHash, randomUUID } from 'node:crypto';
import {
  agentCommand,
  agentNamed,
  certificatesFrom,
  ensureAgentImage,
  hostCaBundle,
  inContainer,
  installationLabels,
  labelNames,
  launch,
  loadRoster,
  parsePodmanArgs,
  refuseGpus,
  relaxationsOf,
  taskLabels,
  withUsableEngine,
  type Agent,
  type AgentCommand,
  type Certificates,
  type EngineProfile,
  type OnProgress,
  type RunSpec,
} from '@terok/executor';
import { formatInstant, sizeBytes, TerokError } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import { mirrorPath, startPoint, syncMirror, type StartPoint } from '../projects/mirror.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import { loadProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { removeTaskMeta, updateTask, type TaskChange, type TaskRecord } from '../tasks/meta.ts';
import { createTask } from '../tasks/new-task.ts';
import { giveToContainer, taskDirectory, taskMounts, type TaskDirectory } from '../tasks/task-directory.ts';
import { containerName } from './container-name.ts';
import { clearEndedContainer, sessionFor, startableTask, startOf } from './follow-up.ts';
import { gitIdentityVariables } from './git-identity.ts';
import { resolveSecrets, secretsFilePath, secretsFileText, type Secrets } from './secrets.ts';

export type RunTaskOptions = {
  /** The project's agent when left out. */
  readonly agent?: string;
  readonly prompt: string | Uint8Array;
  readonly name?: string;
  /** A task that was made and never run, or one that has ended: its agent then goes on where it was. */
  readonly taskId?: TaskId;
  /** Where the work begins, instead of the project's branch. */
  readonly branch?: string;
  /** The project's when left out. */
  readonly model?: string;
  /** Null is no limit; left out, the project's. */
  readonly timeLimitSeconds?: number | null;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
};

export type LaunchedTask = { readonly taskId: TaskId; readonly containerName: string };

const promptMaxBytes = 1024 * 1024;
/** Beside the inner time limit: the engine's own, which holds when everything of ours is dead. */
const engineTimeoutMarginSeconds = 30;

/** Returns once the container runs. A launch that fails leaves nothing of it behind: no container, and no task that it made. */
export async function taskRun(given: TaskContext, projectId: string, options: RunTaskOptions): Promise<LaunchedTask> {
  const { onProgress = () => {}, signal } = options;
  const stoppable = signal === undefined ? {} : { signal };
  const project = await loadProject(given, projectId);
  refuseGpus(project.gpus);
  parsePodmanArgs(project.podmanArgs, project.network);
  const roster = await loadRoster(given);
  const prompt = checkedPrompt(options.prompt);
  const before = options.taskId === undefined ? null : (await startableTask(given, projectId, options.taskId)).before;
  const agent = agentNamed(roster, options.agent ?? before?.agent ?? project.agent);
  const session = sessionFor(agent, before, randomUUID());
  const command = agentCommand(agent, { session, model: options.model ?? project.model, baseUrl: project.baseUrl });
  const secrets = await resolveSecrets(given, project.secrets);
  for (const text of shortcomings(agent, project)) onProgress({ kind: 'stage', stage: 'agent', text });

  await refuseFullDisk(given);
  const ctx = await withUsableEngine(given, { onProgress });
  if (!('profile' in ctx.engine)) throw new Error('the engine is usable and has no profile');
  const image = await ensureAgentImage(ctx, { agents: [agent.name], base: project.base, onProgress, ...stoppable });
  const start = before === null ? await freshStart(ctx, project, options) : startOf(before);
  signal?.throwIfAborted();

  const taskId = options.taskId ?? (await createTask(ctx, project, options.name === undefined ? {} : { name: options.name }));
  const order: Order = {
    ctx,
    launchId: randomUUID(),
    before,
    project,
    agent,
    command,
    sessionId: session?.id ?? null,
    secrets,
    certificates: certificatesFrom(project.network === 'open' ? await hostCaBundle(ctx.files, ctx.env) : null),
    taskId,
    engine: ctx.engine.profile,
    image: image.reference,
    start,
    prompt,
    timeLimitSeconds: options.timeLimitSeconds === undefined ? project.timeLimitSeconds : options.timeLimitSeconds,
  };
  try {
    onProgress({ kind: 'stage', stage: 'launch', text: `${before === null ? 'starting' : 'going on with'} task ${taskId}` });
    return await launchContainer(order);
  } catch (error) {
    await takeBack(order, options.taskId === undefined).catch(unlessMistake);
    throw error;
  }
}

/**
 * Takes back what this launch made: its container, whatever podman said about it, then the task if it is new. What podman does not
 * let go of, or say, stays with its intent on record: a later look clears it up.
 */
async function takeBack({ ctx, project, taskId, launchId, before }: Order, made: boolean): Promise<void> {
  const ours = { ...installationLabels(ctx.installationId), [labelNames.task]: taskId, [labelNames.launch]: launchId };
  const rows = await ctx.runtime.containers(ours);
  if (rows === null || (await ctx.runtime.remove(rows.map(({ name }) => name))).some(({ removed }) => !removed)) return;
  if (made) return forgetTask(ctx, project.id, taskId);
  const asBefore = { ...endFields(before), mode: before?.mode ?? null, launching_at: null, launch_id: before?.launch_id ?? null };
  await updateTask(ctx, project.id, taskId, (found) => (found.launch_id === launchId ? asBefore : {}));
}

/** The error that led here is the one to tell. */
function unlessMistake(error: unknown): void {
  if (!(error instanceof TerokError)) throw error;
}

/** What a run that begins takes away from the record, and what a launch that fails puts back. */
function endFields(before: TaskRecord | null): Pick<TaskRecord, 'exit_code' | 'ended' | 'finished_at' | 'started_at'> {
  const { exit_code = null, ended = null, finished_at = null, started_at = null } = before ?? {};
  return { exit_code, ended, finished_at, started_at };
}

/** What the agent will miss, said before it starts: it says so itself less plainly, and later. */
function shortcomings(agent: Agent, project: ProjectConfig): readonly string[] {
  if (agent.keys.length === 0) return [];
  const hasKey = agent.keys.some((name) => Object.hasOwn(project.secrets, name));
  return [
    ...(project.network === 'open'
      ? []
      : [`${agent.label} has no network to reach its model by: set \`network.mode: open\` in project.yml`]),
    ...(hasKey ? [] : [`${agent.label} has no key: name one of ${agent.keys.join(', ')} under \`secrets\` in project.yml`]),
  ];
}

async function freshStart(ctx: TaskContext, project: ProjectConfig, options: RunTaskOptions): Promise<StartPoint> {
  const { onProgress = () => {}, signal } = options;
  onProgress({ kind: 'stage', stage: 'mirror', text: `fetching ${project.repository}` });
  const sync = await syncMirror(ctx, project, signal === undefined ? {} : { signal });
  if (sync.kind === 'stale')
    onProgress({ kind: 'stage', stage: 'mirror', text: `the repository cannot be reached, its last known state is used: ${sync.reason}` });
  return startPoint(ctx, project, options.branch ?? project.branch);
}

type Order = {
  readonly ctx: TaskContext;
  readonly launchId: string;
  /** The record of the run before, which this one goes on with. */
  readonly before: TaskRecord | null;
  readonly project: ProjectConfig;
  readonly agent: Agent;
  readonly command: AgentCommand;
  readonly sessionId: string | null;
  readonly secrets: Secrets;
  readonly certificates: Certificates;
  readonly taskId: TaskId;
  readonly engine: EngineProfile;
  readonly image: string;
  readonly start: StartPoint;
  readonly prompt: Uint8Array;
  readonly timeLimitSeconds: number | null;
};

async function launchContainer(order: Order): Promise<LaunchedTask> {
  const { ctx, project, taskId, launchId, before, engine, prompt, secrets } = order;
  const directory = taskDirectory(ctx, project.id, taskId);
  const secretsFile = secretsFilePath(directory.root);
  const spec: RunSpec = { ...runSpec(order, directory), ...(Object.keys(secrets).length === 0 ? {} : { secretsFile }) };
  const intent: TaskChange = {
    mode: 'run',
    launch_id: launchId,
    launching_at: formatInstant(ctx.clock.now()),
    ...endFields(null),
    stop_requested_at: null,
    interrupted_at: null,
    agent: order.agent.name,
    log_format: order.agent.logFormat,
    session_id: order.sessionId,
    image: order.image,
    branch: order.start.branch,
    base_commit: order.start.commit,
    time_limit_s: order.timeLimitSeconds,
    relaxations: relaxationsOf(spec, engine).map((name) => (name === 'secrets' ? `secrets: ${Object.keys(secrets).join(', ')}` : name)),
    prompt_sha256: createHash('sha256').update(prompt).digest('hex'),
    unrestricted: true,
  };
  // Of two launches at once the record takes one.
  await updateTask(ctx, project.id, taskId, (found) => {
    if ((found.launch_id ?? null) !== (before?.launch_id ?? null)) throw projectErrors.TASK_RUNNING({ project: project.id, task: taskId });
    return intent;
  });
  if (before !== null) await clearEndedContainer(ctx, project.id, taskId, before);
  await giveToContainer(ctx.files, directory, engine);
  await ctx.files.replace(directory.prompt, prompt, { mode: 0o644 });

  const announce = (other: string) => updateTask(ctx, project.id, taskId, { container_name: other });
  const name = await withSecretsFile(ctx, secretsFile, secrets, () => launchUnderFreeName(ctx, spec, announce));
  await updateTask(ctx, project.id, taskId, { launching_at: null, started_at: formatInstant(ctx.clock.now()) });
  return { taskId, containerName: name };
}

/** The file is there, readable by its owner alone, for as long as the engine needs to read it. */
async function withSecretsFile<T>({ files }: TaskContext, path: string, secrets: Secrets, body: () => Promise<T>): Promise<T> {
  if (Object.keys(secrets).length === 0) return body();
  try {
    await files.replace(path, secretsFileText(secrets), { mode: 0o600 });
    return await body();
  } finally {
    await files.remove(path);
  }
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

function runSpec(
  { ctx, project, agent, command, certificates, taskId, launchId, image, start, timeLimitSeconds }: Order,
  directory: TaskDirectory,
): RunSpec {
  return {
    name: containerName(project.id, 'run', taskId),
    image,
    labels: taskLabels(ctx.installationId, { projectId: project.id, taskId, mode: 'run', launchId }),
    command: [`${inContainer.scripts}/run-task`, String(timeLimitSeconds ?? 0), ...command.words],
    environment: {
      ...certificates.environment,
      ...command.environment,
      TASK_ID: taskId,
      PROJECT_ID: project.id,
      REPO_ROOT: inContainer.workspace,
      TEROK_BRANCH: start.branch,
      TEROK_BASE_COMMIT: start.commit ?? '',
      TEROK_UNRESTRICTED: '1',
      TEROK_STDIN: command.stdin,
      ...gitIdentityVariables(project, agent),
    },
    mounts: [...taskMounts(directory, mirrorPath(ctx, project.id)), ...certificates.mounts],
    network: project.network,
    rootFilesystem: agent.rootFilesystem,
    limits: project.limits,
    timeoutSeconds: timeLimitSeconds === null ? null : timeLimitSeconds + engineTimeoutMarginSeconds,
    stopGraceSeconds: project.stopGraceSeconds,
    logMaxSize: ctx.config.limits.log_max,
    podmanArgs: project.podmanArgs,
  };
}

function checkedPrompt(prompt: string | Uint8Array): Uint8Array {
  const bytes = typeof prompt === 'string' ? new TextEncoder().encode(prompt) : prompt;
  if (new TextDecoder().decode(bytes).trim() === '') throw projectErrors.PROMPT_EMPTY({});
  if (bytes.length > promptMaxBytes) throw projectErrors.PROMPT_TOO_LARGE({ bytes: bytes.length, limitBytes: promptMaxBytes });
  return bytes;
}

/** Better no task than one that stops half-way through its workspace. */
async function refuseFullDisk({ files, paths, config, freeBytes }: TaskContext): Promise<void> {
  await files.ensureDirectory(paths.tasks);
  const neededBytes = sizeBytes(config.limits.disk_free_min) ?? 0;
  const free = await freeBytes(paths.tasks);
  if (free < neededBytes) throw projectErrors.DISK_LOW({ path: paths.tasks, freeBytes: free, neededBytes });
}

/** Takes back a task that this launch made: its workspace was never begun. */
async function forgetTask(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  await ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root);
  await removeTaskMeta(ctx, projectId, taskId);
}
