/** The one who runs the tests, as the owner of tasks whose walls are looked at. */
import { rm } from 'node:fs/promises';
import process from 'node:process';
import { workspaceOwner } from '@terok/executor';
import type { Installation } from '../installation.ts';
import { hostVariable, type Owner } from './hardening.ts';
import { newRepository } from './repository.ts';

/** `open` is called with the variable of the host set: an installation hands on the environment in which it was opened. */
export async function callerOf(open: () => Promise<Installation>): Promise<Owner> {
  const before = process.env[hostVariable.name];
  process.env[hostVariable.name] = hostVariable.value;
  const installation = await open();
  const { path: repository } = await newRepository(installation.directory);
  const caller = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  return {
    ...installation,
    repository,
    filesBelongTo: ({ user_mapping }) => workspaceOwner(user_mapping) ?? caller,
    remove: async () => {
      if (before === undefined) delete process.env[hostVariable.name];
      else process.env[hostVariable.name] = before;
      await rm(repository, { recursive: true });
    },
  };
}
