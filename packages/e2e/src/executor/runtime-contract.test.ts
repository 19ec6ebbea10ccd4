import { randomUUID } from 'node:crypto';
import { runtimeContract, type ContractWorld } from '@terok/executor/testing';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { contextOf, openEngine, type Engine } from './engine.ts';

let installation: Installation;
let engine: Engine;
let world: ContractWorld;

beforeAll(async () => {
  installation = await sharedInstallation();
  engine = await openEngine(installation);
});

beforeEach(async () => {
  const { runtime, installationId } = engine.ctx;
  const labels = { 'ai.terok.root': installationId, 'ai.terok.launch': randomUUID() };
  world = {
    runtime,
    failing: (await contextOf(installation, { binary: '/bin/false' })).runtime,
    labels,
    spec: ({ script }, others = {}) => engine.spec(script, { labels: { ...labels, ...others } }),
    pause: async (name) => void (await installation.podman(['pause', '--', name])),
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
