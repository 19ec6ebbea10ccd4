/** The same walls where podman has no rights of its own. Whoever is root makes a user for it; whoever is not has it in all tests already. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, inject, test } from 'vitest';
import { hardeningTests, hostVariable } from './hardening.ts';
import { unprivilegedUser, type UnprivilegedUser } from './unprivileged-user.ts';

const sharedState = join(inject('place'), 'shared/state');

if (process.getuid?.() === 0) {
  let user: UnprivilegedUser;
  hardeningTests(
    async () => {
      user = await unprivilegedUser({ baseArchives: join(sharedState, 'images'), env: { [hostVariable.name]: hostVariable.value } });
      return user;
    },
    () => user.remove(),
  );

  test('podman ran without rights', async () => {
    const profile: unknown = JSON.parse(await readFile(join(user.stateRoot, 'engine-profile.json'), 'utf8'));
    expect(profile).toMatchObject({ rootless: true, user_mapping: { kind: 'keep_id' } });
  });
} else {
  test('podman runs without rights in every test', async () => {
    const profile: unknown = JSON.parse(await readFile(join(sharedState, 'engine-profile.json'), 'utf8'));
    expect(profile).toMatchObject({ rootless: true, user_mapping: { kind: 'keep_id' } });
  });
}
