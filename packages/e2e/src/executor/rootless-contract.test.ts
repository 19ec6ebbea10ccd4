/** The contract where podman has no rights of its own: for a user made for it, or for the caller where that is not root. */
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { sharedInstallation } from '../world.ts';
import { contextOf, engineOn, openEngine, type Engine } from './engine.ts';
import { contractTests } from './runtime-contract.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

let engine: Engine;

contractTests(async () => {
  const installation = await sharedInstallation();
  if (process.getuid?.() !== 0) {
    engine = await openEngine(installation);
    const { runtime: failing } = await contextOf(installation, { binary: '/bin/false' });
    return { engine, failing, podman: installation.podman, remove: async () => {} };
  }
  const user = await unprivilegedUser({ baseArchives: join(installation.stateRoot, 'images'), env: {} });
  const ctx = await contextOf(user, { as: user });
  const image = await user.podman(['images', '--filter=label=ai.terok.layer=L1', '--format={{.Repository}}:{{.Tag}}']);
  engine = engineOn(ctx, image.trim());
  const { runtime: failing } = await contextOf(user, { binary: '/bin/false', as: user });
  return { engine, failing, podman: user.podman, remove: user.remove };
});

test('podman ran without rights', () => {
  expect(engine.profile).toMatchObject({ rootless: true, user_mapping: { kind: 'keep_id' } });
});
