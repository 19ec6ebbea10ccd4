/** The executor's world, built once at the edge: the sandbox's, and the ways to podman and to other programs. */
import { installationId, type Environment, type SandboxContext } from '@terok/sandbox';
import { engineArgs, readEngineProfile, type EngineProfile, type EngineProfileRead } from './engine-profile/engine-profile.ts';
import type { HostConditions } from './engine-profile/host-conditions.ts';
import { freeBytes, hostArchitecture, readHost, readHostConditions, readHostText } from './engine-profile/node-host-facts.ts';
import { probeEngine, storageArgs } from './engine-profile/probe.ts';
import { executorErrors } from './errors.ts';
import { buildAgentImage, type AgentImage } from './images/agent-image.ts';
import { agentNamed, loadRoster } from './agents/roster.ts';
import { hostCaBundle } from './images/certificates.ts';
import { hostEnvironment, nodeProcesses } from './node-processes.ts';
import { podmanRuntime } from './podman/podman-runtime.ts';
import { openPodman, podmanEnvironment, type Podman } from './podman/podman.ts';
import type { Processes } from './processes.ts';
import type { OnProgress } from './progress.ts';
import type { Runtime } from './runtime.ts';

export type ExecutorContext = SandboxContext & {
  readonly installationId: string;
  readonly processes: Processes;
  /** Programs that are not podman are started with this, or less. */
  readonly env: Environment;
  readonly runtime: Runtime;
  /** podman as the engine profile says; before `setup` without it. */
  readonly podman: Podman;
  readonly engine: EngineProfileRead;
  /** Bytes that may still be written to the file system of a path that is there. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** What the host allows, as it is now. */
  readonly hostConditions: () => Promise<HostConditions>;
};

export type ExecutorOptions = { readonly env?: Environment; readonly processes?: Processes; readonly runtime?: Runtime };

/** Reads the engine profile and compares it with the host; starts nothing. */
export async function executorContext(sandbox: SandboxContext, options: ExecutorOptions = {}): Promise<ExecutorContext> {
  const env = options.env ?? hostEnvironment();
  const processes = options.processes ?? nodeProcesses;
  const host = readHost({ env, podmanBinary: sandbox.config.podman.binary });
  const engine = await readEngineProfile(sandbox, host.facts);
  return assembled(sandbox, { env, processes, engine, id: await installationId(sandbox), runtime: options.runtime });
}

type Parts = {
  readonly env: Environment;
  readonly processes: Processes;
  readonly engine: EngineProfileRead;
  readonly id: string;
  readonly runtime: Runtime | undefined;
};

function assembled(sandbox: SandboxContext, { env, processes, engine, id, runtime }: Parts): ExecutorContext {
  const profile = 'profile' in engine ? engine.profile : null;
  const podman = openPodman(processes, {
    binary: sandbox.config.podman.binary,
    env: podmanEnvironment(env),
    cwd: sandbox.paths.stateRoot,
    globalArgs: [...storageArgs(sandbox.config), ...(profile === null ? [] : engineArgs(profile))],
  });
  const profileOrThrow = () => {
    if (profile === null) throw executorErrors.ENGINE_UNKNOWN({});
    return profile;
  };
  return {
    ...sandbox,
    installationId: id,
    env,
    processes,
    podman,
    engine,
    freeBytes,
    hostConditions: () => readHostConditions(),
    runtime: runtime ?? podmanRuntime(podman, profileOrThrow),
  };
}

/** Probes the host and stores what was found; the returned context uses it. */
export async function setupEngine(
  ctx: ExecutorContext,
  { onProgress }: { readonly onProgress: OnProgress },
): Promise<ExecutorContext & { readonly engine: { readonly kind: 'current'; readonly profile: EngineProfile } }> {
  onProgress({ kind: 'stage', stage: 'engine', text: 'trying how containers start on this host' });
  const host = readHost({ env: ctx.env, podmanBinary: ctx.config.podman.binary });
  const podman = ctx.podman.withGlobalArgs(storageArgs(ctx.config));
  const profile = await probeEngine({ ...ctx, podman, host, readHostText }, (text) => onProgress({ kind: 'line', stage: 'engine', text }));
  await ctx.files.replace(ctx.paths.engineProfile, `${JSON.stringify(profile, undefined, 2)}\n`);
  const engine = { kind: 'current', profile } as const;
  return { ...assembled(ctx, { env: ctx.env, processes: ctx.processes, engine, id: ctx.installationId, runtime: undefined }), engine };
}

/**
 * The context as a launch needs it: the engine is known and the host is the one that was probed. A host that has changed is
 * named and probed again; one that was never probed is sent to `setup`.
 */
export async function withUsableEngine(
  ctx: ExecutorContext,
  { onProgress }: { readonly onProgress: OnProgress },
): Promise<ExecutorContext> {
  switch (ctx.engine.kind) {
    case 'current':
      return ctx;
    case 'outdated':
      for (const change of ctx.engine.changes) onProgress({ kind: 'stage', stage: 'engine', text: `the host has changed: ${change}` });
      return setupEngine(ctx, { onProgress });
    case 'absent':
    case 'unreadable':
      throw executorErrors.ENGINE_UNKNOWN({});
  }
}

export type AgentImageOptions = {
  readonly agents: readonly string[];
  readonly base: string;
  readonly rebuild?: boolean;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
};

/** The image that tasks with these agents run in, built when it is missing or stale. */
export async function ensureAgentImage(
  ctx: ExecutorContext,
  { agents, base, rebuild = false, onProgress, signal }: AgentImageOptions,
): Promise<AgentImage> {
  if (!('profile' in ctx.engine)) throw executorErrors.ENGINE_UNKNOWN({});
  const { suite, mirror } = ctx.config.image;
  const roster = await loadRoster(ctx);
  const chosen = agents.map((name) => agentNamed(roster, name));
  return buildAgentImage(base, chosen, {
    ...ctx,
    rebuild,
    architecture: hostArchitecture,
    caBundle: await hostCaBundle(ctx.files, ctx.env),
    engine: ctx.engine.profile,
    rootless: ctx.engine.profile.rootless,
    suite,
    mirror,
    hostSuite: await debianSuite(),
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The code name of the host's release where it is Debian or Ubuntu: its packages are certain to have a mirror. */
async function debianSuite(): Promise<string | null> {
  const release = new Map(
    ((await readHostText('/etc/os-release')) ?? '')
      .split('\n')
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1).replaceAll('"', '')]),
  );
  const family = `${release.get('ID') ?? ''} ${release.get('ID_LIKE') ?? ''}`.split(' ');
  return family.includes('debian') ? (release.get('VERSION_CODENAME') ?? null) : null;
}
