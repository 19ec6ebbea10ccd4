/** A launch as the container that it makes, and as what it writes into the record before. Pure. */
import { createHash } from 'node:crypto';
import { inContainer, relaxationsOf, taskLabels, type RunSpec } from '@terok/executor';
import { formatInstant } from '@terok/sandbox';
import { containerName } from '../containers/container-name.ts';
import { taskDirectory, taskMounts } from '../containers/task-directory.ts';
import { mirrorPath } from '../projects/mirror.ts';
import { secretsFilePath } from '../secrets/secrets-file.ts';
import type { TaskChange } from '../tasks/meta.ts';
import { startedRun } from '../tasks/runs.ts';
import { keptForUndo, noRun } from '../tasks/undo-launch.ts';
import type { PreparedLaunch } from './prepared-launch.ts';

/** Beside the inner time limit: the engine's own, which holds when everything of ours is dead. */
const engineTimeoutMarginSeconds = 30;

export function launchSpec({ ctx, plan, certificates, identity, taskId, launchId, image, start }: PreparedLaunch): RunSpec {
  const { project, mode, agent, command, secrets, timeLimitSeconds } = plan;
  const directory = taskDirectory(ctx, project.id, taskId);
  return {
    name: containerName(project.id, mode, taskId),
    image,
    labels: taskLabels(ctx.installationId, { projectId: project.id, taskId, mode, launchId }),
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
      ...identity,
    },
    ...(Object.keys(secrets).length === 0 ? {} : { secretsFile: secretsFilePath(directory.root) }),
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

/** What is on disk before a container is made. */
export function launchIntent({ ctx, plan, engine, launchId, image, start }: PreparedLaunch, spec: RunSpec): TaskChange {
  const secrets = Object.keys(plan.secrets).join(', ');
  return {
    ...(plan.before === null ? {} : startedRun(plan.before)),
    mode: plan.mode,
    container_name: null,
    launch_id: launchId,
    launching_at: formatInstant(ctx.clock.now()),
    ...noRun,
    before_launch: keptForUndo(plan.before),
    restarted_at: null,
    stop_requested_at: null,
    stop_reason: null,
    interrupted_at: null,
    agent: plan.agent.name,
    log_format: plan.mode === 'run' ? plan.agent.logFormat : 'plain',
    session_id: plan.session?.id ?? null,
    resumed_session: plan.session?.kind === 'resume' ? plan.session.id : null,
    model: plan.model,
    image,
    branch: start.branch,
    base_commit: start.commit,
    time_limit_s: plan.timeLimitSeconds,
    relaxations: relaxationsOf(spec, engine).map((name) => (name === 'secrets' ? `secrets: ${secrets}` : name)),
    prompt_sha256: plan.prompt === null ? null : createHash('sha256').update(plan.prompt).digest('hex'),
    unrestricted: true,
  };
}
