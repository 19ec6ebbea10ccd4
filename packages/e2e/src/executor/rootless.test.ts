/** The same walls where podman has no rights of its own: for a user made for it, or for the caller where that is not root. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { sharedInstallation } from '../world.ts';
import { callerOf } from './caller.ts';
import { hardeningTests, hostVariable, type Owner } from './hardening.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

let user: Owner;

hardeningTests(async () => {
  const { stateRoot } = await sharedInstallation();
  const options = { baseArchives: join(stateRoot, 'images'), env: { [hostVariable.name]: hostVariable.value } };
  user = process.getuid?.() === 0 ? await unprivilegedUser(options) : await callerOf(sharedInstallation);
  return user;
});

test('podman ran without rights', async () => {
  const profile: unknown = JSON.parse(await readFile(join(user.stateRoot, 'engine-profile.json'), 'utf8'));
  expect(profile).toMatchObject({ rootless: true, user_mapping: { kind: 'keep_id' } });
});
