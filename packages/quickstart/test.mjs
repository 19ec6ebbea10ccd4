/** `npm test`: the same way to a checkout that is ready, then every check there is. */
import { fileURLToPath } from 'node:url';
import { runCommand } from './src/prepare.mjs';

await runCommand({ purpose: 'npm test', tests: true, script: fileURLToPath(new URL('src/checks.ts', import.meta.url)) });
