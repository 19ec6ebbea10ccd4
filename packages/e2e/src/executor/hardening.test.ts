import { rm } from 'node:fs/promises';
import process from 'node:process';
import { workspaceOwner } from '@terok/executor';
import { sharedInstallation } from '../world.ts';
import { hardeningTests, hostVariable } from './hardening.ts';
import { newRepository } from './repository.ts';

const before = process.env[hostVariable.name];

hardeningTests(
  async () => {
    process.env[hostVariable.name] = hostVariable.value;
    const installation = await sharedInstallation();
    const { path: repository } = await newRepository(installation.directory);
    const caller = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
    return { ...installation, repository, filesBelongTo: ({ user_mapping }) => workspaceOwner(user_mapping) ?? caller };
  },
  async ({ repository }) => {
    if (before === undefined) delete process.env[hostVariable.name];
    else process.env[hostVariable.name] = before;
    await rm(repository, { recursive: true });
  },
);
