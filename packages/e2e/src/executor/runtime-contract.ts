/** What every runtime keeps to, on real podman: once as the caller, once for a user without rights. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFiles } from '@terok/sandbox';
import { runtimeContract, type ContractWorld } from '@terok/executor/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'terok-contract-'));
    host = await open();
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
    await host.remove();
  });

  // Each has a label of its own, and sees nothing of the others.
  test.concurrent.each(runtimeContract)('$clause', async ({ holds }) => {
    const world = worldOf(host, directory);
    try {
      await expect(holds(world)).resolves.toBeUndefined();
    } finally {
      await cleared(world);
    }
  });
}

function worldOf({ engine: { ctx, profile, spec }, failing, podman }: ContractHost, directory: string): ContractWorld {
  const labels = { 'ai.terok.root': ctx.installationId, 'ai.terok.launch': randomUUID() };
  return {
    runtime: ctx.runtime,
    failing,
    labels,
    spec: ({ script }, others = {}) => spec(script, { labels: { ...labels, ...others } }),
    pause: async (name) => {
      // Without rights, on cgroup v1, podman has no way to.
      const canPause = !profile.rootless || profile.cgroup_version !== 'v1';
      const answer = await podman(['pause', '--', name]).then(() => 'paused', String);
      expect(answer).toMatch(canPause ? /^paused$/ : /cgroup/i);
      return canPause;
    },
    files: nodeFiles,
    folder: () => mkdtemp(join(directory, 'copies-')),
  };
}

async function cleared({ runtime, labels }: ContractWorld): Promise<void> {
  const rows = (await runtime.containers(labels)) ?? [];
  for (const { name, error } of await runtime.remove(rows.map((row) => row.name))) if (error !== null) throw new Error(`${name}: ${error}`);
}
