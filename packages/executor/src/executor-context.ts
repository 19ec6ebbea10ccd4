/** The executor's world, built once at the edge: the sandbox's, and the ways to podman and to other programs. */
import { installationId, type Environment, type SandboxContext } from '@terok/sandbox';
import { engineArgs, readEngineProfile, type EngineProfile, type EngineProfileRead } from './engine-profile/engine-profile.ts';
import type { HostConditions } from './engine-profile/host-conditions.ts';
import { freeBytes, readHost, readHostConditions, readHostText } from './engine-profile/node-host-facts.ts';
import { probeEngine, storageArgs } from './engine-profile/probe.ts';
import { executorErrors } from './errors.ts';
import type { BuildPrograms } from './images/build-programs.ts';
import { nodeBuildPrograms } from './images/node-build-programs.ts';
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
  /** The one made here, on podman; left out where another was handed in. */
  readonly podmanRuntime?: Runtime;
  /** podman as the engine profile says; before `setup` without it. */
  readonly podman: Podman;
  readonly engine: EngineProfileRead;
  /** Bytes that may still be written to the file system of a path that is there. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** What the host allows, as it is now. */
  readonly hostConditions: () => Promise<HostConditions>;
  readonly buildPrograms: BuildPrograms;
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
  const onPodman = () => {
    const own = podmanRuntime(podman, { engine: profileOrThrow, files: sandbox.files });
    return { runtime: own, podmanRuntime: own };
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
    buildPrograms: nodeBuildPrograms,
    ...(runtime === undefined ? onPodman() : { runtime }),
  };
}

/** Probes the host and stores what was found; the returned context uses it. A runtime that was handed in stays. */
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
  const runtime = ctx.runtime === ctx.podmanRuntime ? undefined : ctx.runtime;
  return { ...assembled(ctx, { env: ctx.env, processes: ctx.processes, engine, id: ctx.installationId, runtime }), engine };
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
