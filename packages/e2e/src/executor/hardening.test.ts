import { sharedInstallation } from '../world.ts';
import { callerOf } from './caller.ts';
import { hardeningTests } from './hardening.ts';

hardeningTests(() => callerOf(sharedInstallation));
