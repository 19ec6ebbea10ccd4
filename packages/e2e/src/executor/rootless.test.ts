/** The same walls and the same contract where podman has no rights of its own: for a user made for it, or for the caller where that is not root. */
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedInstallation } from '../world.ts';
import { callerOf } from './caller.ts';
import { contextOf, engineOn, openEngine, type Engine } from './engine.ts';
import { hardeningTests, hostVariable, type Owner } from './hardening.ts';
import { contractTests } from './runtime-contract.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

type User = { readonly owner: Owner; readonly engine: Engine; readonly failing: Engine['ctx']['runtime'] };

let user: User;
beforeAll(async () => {
  user = process.getuid?.() === 0 ? await madeUser() : await caller();
});
afterAll(() => user.owner.remove());

// Making a user takes longer than a test of theirs: all of these share one.
const stays = async () => {};
hardeningTests(async () => ({ ...user.owner, remove: stays }));
contractTests(async () => ({ ...user, podman: user.owner.podman, remove: stays }));

test('podman ran without rights', () => {
  expect(user.engine.profile).toMatchObject({ rootless: true, user_mapping: { kind: 'keep_id' } });
});

async function madeUser(): Promise<User> {
  const { stateRoot } = await sharedInstallation();
  const owner = await unprivilegedUser({ baseArchives: join(stateRoot, 'images'), env: { [hostVariable.name]: hostVariable.value } });
  const image = await owner.podman(['images', '--filter=label=ai.terok.layer=L1', '--format={{.Repository}}:{{.Tag}}']);
  const { runtime: failing } = await contextOf(owner, { binary: '/bin/false', as: owner });
  return { owner, engine: engineOn(await contextOf(owner, { as: owner }), image.trim()), failing };
}

async function caller(): Promise<User> {
  const installation = await sharedInstallation();
  const { runtime: failing } = await contextOf(installation, { binary: '/bin/false' });
  return { owner: await callerOf(sharedInstallation), engine: await openEngine(installation), failing };
}
