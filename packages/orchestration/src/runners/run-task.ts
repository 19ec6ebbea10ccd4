/** Starts a headless task: intent on disk before each act, so that a crash at any point can be finished or taken back. */
import { createHash, randomUUID } from 'node:crypto';
import {
  agentNamed,
  ensureAgentImage,
  inContainer,
  launch,
  relaxationsOf,
  taskLabels,
  withUsableEngine,
  type Agent,
  type EngineProfile,
  type OnProgress,
  type RunSpec,
} from '@terok/executor';
import { formatInstant, TerokError } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import { mirrorPath, startPoint, syncMirror, type StartPoint } from '../projects/mirror.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import { loadProject } from '../projects/projects.ts';
import { sizeBytes } from '../size.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { loadTaskMeta, removeTaskMeta, updateTask } from '../tasks/meta.ts';
import { createTask } from '../tasks/new-task.ts';
import { giveToContainer, taskDirectory, taskMounts, type TaskDirectory } from '../tasks/task-directory.ts';
import { containerName } from './container-name.ts';
import { gitIdentityVariables } from './git-identity.ts';

export type RunTaskOptions = {
  /** The project's agent when left out. */
  readonly agent?: string;
  readonly prompt: string | Uint8Array;
  readonly name?: string;
  /** A task that was made and never run. */
  readonly taskId?: TaskId;
  /** Where the work begins, instead of the project's branch. */
  readonly branch?: string;
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
  const agent = agentNamed(options.agent ?? project.agent);
  const prompt = checkedPrompt(options.prompt);
  if (options.taskId !== undefined) await refuseStartedTask(given, projectId, options.taskId);

  await refuseFullDisk(given);
  const ctx = await withUsableEngine(given, { onProgress });
  if (!('profile' in ctx.engine)) throw new Error('the engine is usable and has no profile');
  const image = await ensureAgentImage(ctx, { agents: [agent.name], base: project.base, onProgress, ...stoppable });
  onProgress({ kind: 'stage', stage: 'mirror', text: `fetching ${project.repository}` });
  const sync = await syncMirror(ctx, project, stoppable);
  if (sync.kind === 'stale')
    onProgress({ kind: 'stage', stage: 'mirror', text: `the repository cannot be reached, its last known state is used: ${sync.reason}` });
  const start = await startPoint(ctx, project, options.branch ?? project.branch);
  signal?.throwIfAborted();

  const taskId = options.taskId ?? (await createTask(ctx, project, options.name === undefined ? {} : { name: options.name }));
  const order = {
    ctx,
    project,
    agent,
    taskId,
    engine: ctx.engine.profile,
    image: image.reference,
    start,
    prompt,
    timeLimitSeconds: options.timeLimitSeconds === undefined ? project.timeLimitSeconds : options.timeLimitSeconds,
  };
  try {
    onProgress({ kind: 'stage', stage: 'launch', text: `starting task ${taskId}` });
    return await launchContainer(order);
  } catch (error) {
    if (options.taskId === undefined) await forgetTask(ctx, projectId, taskId);
    else await updateTask(ctx, projectId, taskId, { mode: null, launching_at: null, launch_id: null });
    throw error;
  }
}

type Order = {
  readonly ctx: TaskContext;
  readonly project: ProjectConfig;
  readonly agent: Agent;
  readonly taskId: TaskId;
  readonly engine: EngineProfile;
  readonly image: string;
  readonly start: StartPoint;
  readonly prompt: Uint8Array;
  readonly timeLimitSeconds: number | null;
};

async function launchContainer(order: Order): Promise<LaunchedTask> {
  const { ctx, project, taskId, engine, prompt } = order;
  const directory = taskDirectory(ctx, project.id, taskId);
  await giveToContainer(ctx.files, directory, engine);
  await ctx.files.replace(directory.prompt, prompt, { mode: 0o644 });

  const launchId = randomUUID();
  const spec = runSpec(order, directory, launchId);
  await updateTask(ctx, project.id, taskId, {
    mode: 'run',
    launch_id: launchId,
    launching_at: formatInstant(ctx.clock.now()),
    agent: order.agent.name,
    image: order.image,
    branch: order.start.branch,
    base_commit: order.start.commit,
    time_limit_s: order.timeLimitSeconds,
    relaxations: [...relaxationsOf(spec, engine)],
    prompt_sha256: createHash('sha256').update(prompt).digest('hex'),
    unrestricted: true,
  });

  const name = await launchUnderFreeName(ctx, spec, (other) => updateTask(ctx, project.id, taskId, { container_name: other }));
  await updateTask(ctx, project.id, taskId, { launching_at: null, started_at: formatInstant(ctx.clock.now()) });
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

function runSpec(
  { ctx, project, agent, taskId, image, start, timeLimitSeconds }: Order,
  directory: TaskDirectory,
  launchId: string,
): RunSpec {
  return {
    name: containerName(project.id, 'run', taskId),
    image,
    labels: taskLabels(ctx.installationId, { projectId: project.id, taskId, mode: 'run', launchId }),
    command: [`${inContainer.scripts}/run-task`, String(timeLimitSeconds ?? 0), ...agent.headless],
    environment: {
      TASK_ID: taskId,
      PROJECT_ID: project.id,
      REPO_ROOT: inContainer.workspace,
      TEROK_BRANCH: start.branch,
      TEROK_BASE_COMMIT: start.commit ?? '',
      TEROK_UNRESTRICTED: '1',
      ...gitIdentityVariables(project, agent.name),
    },
    mounts: taskMounts(directory, mirrorPath(ctx, project.id)),
    network: project.network,
    rootFilesystem: agent.rootFilesystem,
    limits: project.limits,
    timeoutSeconds: timeLimitSeconds === null ? null : timeLimitSeconds + engineTimeoutMarginSeconds,
    stopGraceSeconds: project.stopGraceSeconds,
    logMaxSize: ctx.config.limits.log_max,
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

async function refuseStartedTask(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId, { expectedMode: 'run' });
  if (typeof record.mode === 'string') throw projectErrors.TASK_RUNNING({ project: projectId, task: taskId });
}

/** Takes back a task that this launch made: its workspace was never begun. */
async function forgetTask(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  await ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root);
  await removeTaskMeta(ctx, projectId, taskId);
}
