/** What every runtime keeps to, on real podman: once as the caller, once for a user without rights. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFiles } from '@terok/sandbox';
import { runtimeContract, type ContractWorld } from '@terok/executor/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from './engine.ts';

export type ContractHost = {
  readonly engine: Engine;
  /** The runtime of a podman that answers nothing. */
  readonly failing: Engine['ctx']['runtime'];
  readonly podman: (args: readonly string[]) => Promise<string>;
  readonly remove: () => Promise<void>;
};

/** Registers the tests; `open` is asked once. */
export function contractTests(open: () => Promise<ContractHost>): void {
  let host: ContractHost;
  let world: ContractWorld;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'terok-contract-'));
    host = await open();
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
    await host.remove();
  });

  beforeEach(() => {
    const { ctx, profile, spec } = host.engine;
    const labels = { 'ai.terok.root': ctx.installationId, 'ai.terok.launch': randomUUID() };
    world = {
      runtime: ctx.runtime,
      failing: host.failing,
      labels,
      spec: ({ script }, others = {}) => spec(script, { labels: { ...labels, ...others } }),
      pause: async (name) => {
        const paused = host.podman(['pause', '--', name]);
        // Without rights, on cgroup v1, podman has no way to.
        if (profile.rootless && profile.cgroup_version === 'v1') await expect(paused).rejects.toThrow(/cgroup/i);
        else await paused;
        return !profile.rootless || profile.cgroup_version !== 'v1';
      },
      files: nodeFiles,
      folder: () => mkdtemp(join(directory, 'copies-')),
    };
  });

  afterEach(async () => {
    const rows = (await world.runtime.containers(world.labels)) ?? [];
    for (const { name, error } of await world.runtime.remove(rows.map((row) => row.name)))
      if (error !== null) throw new Error(`${name}: ${error}`);
  });

  test.each(runtimeContract)('$clause', async ({ holds }) => {
    await expect(holds(world)).resolves.toBeUndefined();
  });
}
