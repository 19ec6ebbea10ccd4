/** One task's container, from specification to remains. */
export { executorContext, setupEngine, withUsableEngine, type ExecutorContext, type ExecutorOptions } from './executor-context.ts';
export { executorErrors } from './errors.ts';
export { doctorChecks } from './doctor.ts';
export type { DoctorFinding } from './doctor-finding.ts';
export { workspaceOwner, type EngineProfile, type EngineProfileRead, type UserMapping } from './engine-profile/engine-profile.ts';
export { agentVersion, type Agent } from './agents/agent.ts';
export { agentCommand, isSessionId, type AgentCommand, type AgentCommandOptions } from './agents/agent-command.ts';
export { AgentFile, logFormats, type LogFormat } from './agents/agent-file.ts';
export { renderLog, type LogRenderer } from './agents/render/render-log.ts';
export { sessionWatch, type SessionWatch } from './agents/render/session-watch.ts';
export { bundledAgents } from './agents/bundled/bundled-agents.ts';
export { agentNamed, loadRoster, type AgentSource, type Roster, type RosterContext } from './agents/roster.ts';
export { certificatesFrom, hostCaBundle, type Certificates } from './images/certificates.ts';
export { agentImageNow, ensureAgentImage, type AgentImageOptions } from './images/ensure-image.ts';
export type { AgentImage, FoundImage } from './images/agent-image.ts';
export type { Rebuild } from './images/build.ts';
export { snippetProblems, writtenSnippets, type Snippet, type SnippetProblem } from './images/snippet.ts';
export {
  applyImageCleanup,
  keepReasons,
  partialArchives,
  planImageCleanup,
  removeReasons,
  storeReasons,
  type CleanupFacts,
  type ImageCleanupPlan,
  type ImageCleanupResult,
  type ImageDecision,
  type PartialArchive,
  type StoreDecision,
} from './images/image-cleanup.ts';
export { readImageCleanup, storedOnHost, type NeededReferences } from './images/cleanup-plan.ts';
export type { StoredFile } from './images/package-store.ts';
export { buildInProgress, type BuildRemains } from './images/build-remains.ts';
export { listImages, type InstallationImage } from './images/image-list.ts';
export { imageUsage, type ImagesUsage, type ImageUsage } from './images/image-usage.ts';
export { installationLabels, labelNames, taskLabels, type TaskLabels } from './labels.ts';
export type { OnProgress, Progress } from './progress.ts';
export { nodeProcesses } from './node-processes.ts';
export {
  describeEnd,
  toolEnvironment,
  type Command,
  type OpenProcess,
  type OutputChunk,
  type ProcessEnd,
  type ProcessOutcome,
  type Processes,
} from './processes.ts';
export { containerUser, createArgs, relaxationsOf, type Mount, type Relaxation, type RunSpec } from './run-spec.ts';
export type {
  BridgeOptions,
  ContainerEvent,
  ContainerEventStatus,
  ContainerRow,
  ContainerState,
  ExecOptions,
  ExecResult,
  LabelFilter,
  LogOptions,
  RemoveResult,
  Runtime,
  WaitEnd,
} from './runtime.ts';
export { allowedPodmanArgs, parsePodmanArgs, podmanArgWords, refuseGpus, type PodmanArg } from './podman-args.ts';
export { followedLog } from './followed-log.ts';
export { withoutTimes } from './timed-log.ts';
export { launch, type LaunchStep } from './launch.ts';
export { tarStream, type TarMember } from './tar.ts';
export { inContainer, prepareFailedExitCode, readyLine } from './workspace/prepare-script.ts';
