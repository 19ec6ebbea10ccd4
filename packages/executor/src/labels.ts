/** The labels by which an installation knows its own containers and images, and nobody else's. */

export const labelNames = {
  root: 'ai.terok.root',
  project: 'ai.terok.project',
  task: 'ai.terok.task',
  mode: 'ai.terok.mode',
  launch: 'ai.terok.launch',
  /** On images: the hash of all that went into them. */
  content: 'ai.terok.content',
  layer: 'ai.terok.layer',
  /** On images: the reference of the base that they stand on. */
  base: 'ai.terok.base',
  /** On images: the names of the agents in them, joined by commas. */
  agents: 'ai.terok.agents',
} as const;

export function installationLabels(installationId: string): Readonly<Record<string, string>> {
  return { [labelNames.root]: installationId };
}

export type TaskLabels = { readonly projectId: string; readonly taskId: string; readonly mode: string; readonly launchId: string };

export function taskLabels(installationId: string, { projectId, taskId, mode, launchId }: TaskLabels): Readonly<Record<string, string>> {
  return {
    ...installationLabels(installationId),
    [labelNames.project]: projectId,
    [labelNames.task]: taskId,
    [labelNames.mode]: mode,
    [labelNames.launch]: launchId,
  };
}
