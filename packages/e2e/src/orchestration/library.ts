/** The library over an installation of the tests, for what no command does yet. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { executorContext } from '@terok/executor';
import { getTasks, taskDelete, type TaskContext } from '@terok/orchestration';
import { hostContext } from '@terok/sandbox';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';

export type LibraryProject = {
  readonly ctx: TaskContext;
  readonly installation: Installation;
  readonly demo: DemoProject;
  readonly environment: NodeJS.ProcessEnv;
  /** More of `project.yml`, in place of what an earlier call wrote. */
  readonly configure: (yaml: string) => Promise<void>;
};

export async function libraryContext(
  installation: Installation,
): Promise<{ readonly ctx: TaskContext; readonly environment: NodeJS.ProcessEnv }> {
  const { stateRoot, configRoot } = installation;
  const environment = {
    ...process.env,
    TEROK_ROOT: stateRoot,
    TEROK_CONFIG_DIR: configRoot,
    TEROK_CONFIG_FILE: join(configRoot, 'config.yml'),
  };
  return { ctx: await executorContext(await hostContext({ env: environment }), { env: environment }), environment };
}

/** A project of a test's own, and the library to use it with. */
export async function libraryProject(id: string): Promise<LibraryProject> {
  const installation = await sharedInstallation();
  const demo = await demoProject(installation, id);
  const { ctx, environment } = await libraryContext(installation);
  const configure = (yaml: string) =>
    writeFile(join(installation.configRoot, 'projects', id, 'project.yml'), `repository: ${demo.repository}\n${yaml}`);
  return { ctx, installation, demo, environment, configure };
}

/** Everything of it, whatever a test left running. */
export async function removeProject({ ctx, demo, configure }: LibraryProject): Promise<void> {
  await configure('');
  for (const { taskId } of await getTasks(ctx, demo.id)) await taskDelete(ctx, demo.id, taskId, { force: true });
  await demo.remove();
}

/** A folder beside the installation, for what hooks and other programs of the host leave. */
export const scratch = ({ installation }: LibraryProject): Promise<string> => mkdtemp(join(installation.directory, 'scratch-'));
