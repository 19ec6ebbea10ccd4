/** The executor as a library, on the installation that all tests share. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { ensureAgentImage, executorContext, type EngineProfile, type ExecutorContext, type Processes, type RunSpec } from '@terok/executor';
import { hostContext } from '@terok/sandbox';
import type { Installation } from '../installation.ts';

export type Engine = {
  readonly ctx: ExecutorContext;
  readonly profile: EngineProfile;
  /** A description of a container that runs a bash script, with a name of its own and what else is given. */
  readonly spec: (script: string, others?: Partial<RunSpec>) => RunSpec;
};

/** Another user: the words before every command of theirs, and their environment. */
export type OtherUser = { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> };

/** `as`: the files are read by the caller, but every program is started as that user. */
export async function contextOf(
  { stateRoot, configRoot }: Pick<Installation, 'stateRoot' | 'configRoot'>,
  { binary, as }: { readonly binary?: string; readonly as?: OtherUser } = {},
): Promise<ExecutorContext> {
  const places = { TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: join(configRoot, 'config.yml') };
  const env = { ...(as?.env ?? process.env), ...places };
  const host = await hostContext({ env });
  const podman = { ...host.config.podman, ...(binary === undefined ? {} : { binary }) };
  const sandbox = { ...host, config: { ...host.config, podman } };
  const ctx = await executorContext(sandbox, { env });
  return as === undefined ? ctx : executorContext(sandbox, { env, processes: processesAs(as, ctx.processes) });
}

function processesAs({ words }: OtherUser, processes: Processes): Processes {
  const [binary = '', ...before] = words;
  const asUser = <C extends { readonly binary: string; readonly args: readonly string[] }>(command: C): C => ({
    ...command,
    binary,
    args: [...before, command.binary, ...command.args],
  });
  return {
    run: (command) => processes.run(asUser(command)),
    open: (command) => processes.open(asUser(command)),
    runOnTerminal: (command) => processes.runOnTerminal(asUser(command)),
  };
}

export async function openEngine(installation: Installation): Promise<Engine> {
  const ctx = await contextOf(installation);
  if (ctx.engine.kind !== 'current') throw new Error(`the engine profile is ${ctx.engine.kind}`);
  const { reference } = await ensureAgentImage(ctx, { agents: ['shell'], base: 'bootstrap', onProgress: () => {} });
  return engineOn(ctx, reference);
}

/** With an image that is there. */
export function engineOn(ctx: ExecutorContext, image: string): Engine {
  if (!('profile' in ctx.engine)) throw new Error(`the engine profile is ${ctx.engine.kind}`);
  const spec: Engine['spec'] = (script, others = {}) => ({
    name: `e2e-${randomUUID()}`,
    image,
    labels: { 'ai.terok.root': ctx.installationId },
    command: ['/bin/bash', '-c', script],
    environment: {},
    mounts: [],
    network: 'none',
    rootFilesystem: 'read_only',
    limits: { memory: '512m', cpus: '2', pids: 256 },
    timeoutSeconds: 120,
    stopGraceSeconds: 2,
    logMaxSize: '1m',
    ...others,
  });
  return { ctx, profile: ctx.engine.profile, spec };
}
