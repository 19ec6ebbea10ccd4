import { sharedInstallation } from '../world.ts';
import { contextOf, openEngine } from './engine.ts';
import { contractTests } from './runtime-contract.ts';

contractTests(async () => {
  const installation = await sharedInstallation();
  const { runtime: failing } = await contextOf(installation, { binary: '/bin/false' });
  return { engine: await openEngine(installation), failing, podman: installation.podman, remove: async () => {} };
});
