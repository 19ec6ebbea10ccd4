/** `npm run quickstart`: from a checkout and Node to a task that an agent finished in its container. */
import { fileURLToPath } from 'node:url';
import { runCommand } from './src/prepare.mjs';

await runCommand({ purpose: 'npm run quickstart', tests: false, script: fileURLToPath(new URL('src/story.ts', import.meta.url)) });
