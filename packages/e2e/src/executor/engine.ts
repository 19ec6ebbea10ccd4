/** The executor as a library, on the installation that all tests share. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { ensureAgentImage, executorContext, type EngineProfile, type ExecutorContext, type RunSpec } from '@terok/executor';
import { hostContext } from '@terok/sandbox';
import type { Installation } from '../installation.ts';

export type Engine = {
  readonly ctx: ExecutorContext;
  readonly profile: EngineProfile;
  /** A description of a container that runs a bash script, with a name of its own and what else is given. */
  readonly spec: (script: string, others?: Partial<RunSpec>) => RunSpec;
};

export async function contextOf(
  { stateRoot, configRoot }: Installation,
  { binary }: { readonly binary?: string } = {},
): Promise<ExecutorContext> {
  const env = { ...process.env, TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: join(configRoot, 'config.yml') };
  const host = await hostContext({ env });
  const podman = { ...host.config.podman, ...(binary === undefined ? {} : { binary }) };
  return executorContext({ ...host, config: { ...host.config, podman } }, { env });
}

export async function openEngine(installation: Installation): Promise<Engine> {
  const ctx = await contextOf(installation);
  if (ctx.engine.kind !== 'current') throw new Error(`the engine profile is ${ctx.engine.kind}`);
  const { reference } = await ensureAgentImage(ctx, { agents: ['shell'], base: 'bootstrap', onProgress: () => {} });
  const spec: Engine['spec'] = (script, others = {}) => ({
    name: `e2e-${randomUUID()}`,
    image: reference,
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
