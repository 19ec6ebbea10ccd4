/** The folder of a task on the host: what its container writes to, and what is kept about it. */
import { join } from 'node:path';
import { inContainer, workspaceOwner, type EngineProfile, type Mount } from '@terok/executor';
import { pathSegment, type Files, type Paths } from '@terok/sandbox';

export type TaskDirectory = {
  readonly root: string;
  /** Written by the container, as are `home` and `agentConfig`: never run git or code there from the host. */
  readonly workspace: string;
  readonly home: string;
  readonly agentConfig: string;
  readonly logs: string;
  readonly marker: string;
  readonly prompt: string;
};

export function taskDirectory({ paths }: { readonly paths: Pick<Paths, 'tasks'> }, projectId: string, taskId: string): TaskDirectory {
  const root = join(paths.tasks, pathSegment('project', projectId), pathSegment('task', taskId));
  const workspace = join(root, 'workspace');
  const agentConfig = join(root, 'agent-config');
  return {
    root,
    workspace,
    home: join(root, 'home'),
    agentConfig,
    logs: join(root, 'logs'),
    marker: join(workspace, inContainer.markerName),
    prompt: join(agentConfig, 'prompt.txt'),
  };
}

const markerText = `# This workspace is new: the next start of its task fills it from the project's repository.
# It is removed when that is done; without it the workspace is kept as it is.
# To begin again from the repository, put this file back. What is in the workspace is then lost.
`;

const readmeText = `The files of one terok task.

workspace/, home/ and agent-config/ are written by an agent in a container. Never run git or any program
from there on the host: hooks and settings in it are the agent's. Use \`terok task diff\`, \`terok task fetch\`
and \`terok task login\`, which look at it from inside a container.
`;

/** Fills a folder that was just reserved; what a container writes belongs to the uid it is mapped to. */
export async function fillTaskDirectory(files: Files, directory: TaskDirectory): Promise<void> {
  await files.replace(join(directory.root, 'README.md'), readmeText);
  for (const path of [directory.workspace, directory.home, directory.agentConfig, join(directory.home, '.terok'), directory.logs])
    await files.ensureDirectory(path);
  await files.replace(directory.marker, markerText, { mode: 0o644 });
}

/** Gives what the container writes to the host id that its user is mapped to. */
export async function giveToContainer(files: Files, directory: TaskDirectory, { user_mapping }: EngineProfile): Promise<void> {
  const owner = workspaceOwner(user_mapping);
  if (owner === null) return;
  for (const path of [directory.workspace, directory.home, directory.agentConfig]) await files.ensureDirectory(path, { owner });
}

export function taskMounts(directory: TaskDirectory, mirror: string): readonly Mount[] {
  return [
    { source: directory.workspace, target: inContainer.workspace, access: 'write' },
    { source: directory.home, target: '/home/dev', access: 'write' },
    { source: directory.agentConfig, target: inContainer.config, access: 'write' },
    { source: mirror, target: inContainer.mirror, access: 'read' },
  ];
}

/** The in-container bootstrap removes the marker as its last step. */
export async function workspaceIsReady(
  ctx: { readonly files: Files; readonly paths: Pick<Paths, 'tasks'> },
  projectId: string,
  taskId: string,
): Promise<boolean> {
  return (await ctx.files.stat(taskDirectory(ctx, projectId, taskId).marker)) === null;
}
