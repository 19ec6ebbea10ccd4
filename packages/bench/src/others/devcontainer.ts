/**
 * The Dev Container CLI: `up` and `exec`, each a program, on a workspace that is mounted. Stopping and removing are no commands of its
 * own yet (its README lists both as not done), so what the bench removes with podman does not count.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromNpm } from './install.ts';
import type { Stage } from './stage.ts';
import type { AbsentTool, Tool } from './tool.ts';

const none = { none: 'it has no command for this' };

export function devcontainerTool(stage: Stage): Promise<Tool | AbsentTool> {
  const { programs, env, podman, removeContainers } = stage;
  return fromNpm(
    stage,
    { name: 'devcontainer', package: '@devcontainers/cli', version: '0.89.0', command: 'devcontainer' },
    async ({ name, command }) => {
      const workspace = await repositoryWithConfig(stage);
      const run = (...args: readonly string[]) => programs.run({ words: [...command, ...args], env, cwd: workspace });
      const where = [`--docker-path=${podman}`, `--workspace-folder=${workspace}`];
      const exec = () => run('exec', ...where, 'true');
      return {
        name,
        ways: {
          version: { by: 'devcontainer --version' },
          create: { by: 'devcontainer up, then devcontainer exec true' },
          exec: { by: 'devcontainer exec true' },
          call: { none: 'it is no library' },
          stop: none,
          remove: none,
        },
        version: async (timed) => void (await timed('version', () => run('--version'))),
        async life(timed) {
          try {
            await timed('create', async () => {
              await run('up', ...where);
              await exec();
            });
            await timed('exec', exec);
          } finally {
            await removeContainers(`label=devcontainer.local_folder=${workspace}`);
          }
        },
      };
    },
  );
}

/** Left alone, it would map users as only rootless podman can, and would wait for a network that terok's tasks do not have. */
async function repositoryWithConfig({ repository, image, ctx }: Stage): Promise<string> {
  const workspace = await repository('devcontainer');
  await mkdir(join(workspace, '.devcontainer'));
  const user = ctx.engine.profile.rootless ? {} : { remoteUser: 'root' };
  await writeFile(join(workspace, '.devcontainer/devcontainer.json'), JSON.stringify({ image, ...user, runArgs: ['--network=none'] }));
  return workspace;
}
