/**
 * Sandcastle: a library, so its life is a program of the kind that its README shows, with its podman provider. Creating is counted from the start
 * of that program, as terok's is; a command, and closing, from when the program is told. `createSandbox` makes a worktree and mounts it; `close`
 * removes the container and the worktree.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fromNpm } from './install.ts';
import type { Stage } from './stage.ts';
import type { AbsentTool, Tool } from './tool.ts';

/** Tells what it has done, and does what it is told, a line each. */
const program = `import { createInterface } from 'node:readline';
import { createSandbox } from '@ai-hero/sandcastle';
import { podman } from '@ai-hero/sandcastle/sandboxes/podman';

const { cwd, provider } = JSON.parse(process.argv[2]);
const sandbox = await createSandbox({ branch: 'bench', cwd, sandbox: podman(provider) });
const command = async () => {
  const { exitCode, stderr } = await sandbox.exec('true');
  if (exitCode !== 0) throw new Error(stderr);
};
await command();
console.log('created');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'close') break;
  await command();
  console.log('called');
}
await sandbox.close();
console.log('closed');
process.stdin.destroy();
`;

export function sandcastleTool(stage: Stage): Promise<Tool | AbsentTool> {
  const { programs, env } = stage;
  return fromNpm(
    stage,
    { name: 'sandcastle', package: '@ai-hero/sandcastle', version: '0.12.0', command: 'sandcastle' },
    async ({ name, command, folder }) => {
      const main = join(folder, 'main.mjs');
      await writeFile(main, program);
      const options = JSON.stringify({ cwd: await stage.repository('sandcastle'), provider: await providerOptions(stage) });
      return {
        name,
        ways: {
          version: { by: 'sandcastle --version' },
          create: { by: 'a program that calls createSandbox and exec' },
          exec: { none: 'a sandbox belongs to the program that made it' },
          call: { by: 'exec of the sandbox' },
          stop: { none: 'close removes as well' },
          remove: { by: 'close of the sandbox' },
        },
        version: async (timed) => void (await timed('version', () => programs.run({ words: [...command, '--version'], env, cwd: folder }))),
        async life(timed) {
          try {
            const sandbox = await timed('create', async () => {
              const opened = programs.open({ words: [process.execPath, main, options], env, cwd: folder });
              await opened.prints(/^created$/m);
              return opened;
            });
            await timed('call', async () => {
              sandbox.type('exec\n');
              await sandbox.prints(/^called$/m);
            });
            await timed('remove', async () => {
              sandbox.type('close\n');
              await sandbox.prints(/^closed$/m);
            });
            await sandbox.ended;
          } finally {
            await stage.removeContainers('name=^sandcastle-');
          }
        },
      };
    },
  );
}

/** Its image would have the home of a user `agent`; here a folder stands in for that. Its mapping of users is for rootless podman. */
async function providerOptions({ place, image, ctx }: Stage) {
  const home = join(place, 'agent-home');
  await mkdir(home);
  const users = ctx.engine.profile.rootless ? {} : { userns: false, containerUid: 0, containerGid: 0 };
  return { imageName: image, network: 'none', mounts: [{ hostPath: home, sandboxPath: '/home/agent' }], ...users };
}
