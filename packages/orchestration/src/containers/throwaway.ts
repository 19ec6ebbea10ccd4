/** Runs one of our scripts over a task's workspace in a container of its own: read-only, without a network, gone afterwards. */
import { randomUUID } from 'node:crypto';
import {
  agentNamed,
  ensureAgentImage,
  inContainer,
  loadRoster,
  taskLabels,
  withUsableEngine,
  workspaceOwner,
  type ExecResult,
  type Mount,
  type RunSpec,
} from '@terok/executor';
import type { Files } from '@terok/sandbox';
import type { ProjectConfig } from '../projects/project-config.ts';
import type { TaskContext } from '../task-context.ts';
import { containerName, throwawayMode } from './container-name.ts';
import { commitIdentity } from './commit-identity.ts';
import { taskDirectory } from './task-directory.ts';

export type WorkspaceScript = {
  readonly project: ProjectConfig;
  readonly taskId: string;
  /** Whose name a commit made on the way bears; the project's agent when left out. */
  readonly agent?: string | null;
  readonly script: string;
  readonly args: readonly string[];
  /** A folder the script may write to, at `outbox`; it is made, and given to the container's user. */
  readonly output?: string;
  /** `read` when left out. */
  readonly workspaceAccess?: Mount['access'];
  /** What else it sees. */
  readonly mounts?: readonly Mount[];
  readonly outputMaxBytes?: number;
  readonly signal?: AbortSignal;
};

/** Where such a container may write. */
export const outbox = '/run/terok/out';

const timeLimitSeconds = 600;

export async function runOverWorkspace(
  given: TaskContext,
  { project, taskId, agent, script, args, output, workspaceAccess = 'read', mounts = [], outputMaxBytes, signal }: WorkspaceScript,
): Promise<ExecResult> {
  const ctx = await withUsableEngine(given, { onProgress: () => {} });
  if (!('profile' in ctx.engine)) throw new Error('the engine is usable and has no profile');
  const { user_mapping } = ctx.engine.profile;
  const image = await ensureAgentImage(ctx, {
    agents: ['shell'],
    base: project.base,
    onProgress: () => {},
    ...(signal === undefined ? {} : { signal }),
  });
  if (output !== undefined) await makeOutbox(ctx.files, output, workspaceOwner(user_mapping));

  // An agent that is not known any more commits as the embedded one.
  const roster = await loadRoster(ctx);
  const committer = roster.agents.get(agent ?? project.agent) ?? agentNamed(roster, 'shell');
  const launchId = randomUUID();
  const spec: RunSpec = {
    name: `${containerName(project.id, throwawayMode, taskId)}-${launchId.slice(0, 8)}`,
    image: image.reference,
    labels: taskLabels(ctx.installationId, { projectId: project.id, taskId, mode: throwawayMode, launchId }),
    command: ['/bin/bash', '-c', script, 'terok', ...args],
    environment: await commitIdentity(ctx, project, committer),
    mounts: [
      { source: taskDirectory(ctx, project.id, taskId).workspace, target: inContainer.workspace, access: workspaceAccess },
      ...(output === undefined ? [] : [{ source: output, target: outbox, access: 'write' as const }]),
      ...mounts,
    ],
    network: 'none',
    rootFilesystem: 'read_only',
    limits: project.limits,
    timeoutSeconds: timeLimitSeconds,
    stopGraceSeconds: 0,
    logMaxSize: ctx.config.limits.log_max,
  };
  return ctx.runtime.runOnce(spec, {
    timeoutMs: (timeLimitSeconds + 30) * 1000,
    ...(outputMaxBytes === undefined ? {} : { outputMaxBytes }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function makeOutbox(files: Files, path: string, owner: ReturnType<typeof workspaceOwner>): Promise<void> {
  await files.ensureDirectory(path, owner === null ? {} : { owner });
}
