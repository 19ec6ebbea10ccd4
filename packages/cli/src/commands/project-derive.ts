import { agentNamed, loadRoster } from '@terok/executor';
import { projectDerive } from '@terok/orchestration';
import { printable, type YamlChange } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { projectJson } from '../json/project-json.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export type ProjectDeriveFlags = {
  readonly repository?: string;
  readonly branch?: string;
  readonly agent?: string;
  readonly network?: 'none' | 'open';
  readonly json?: boolean;
};

export async function runProjectDerive(
  { engine, out, note }: Invocation,
  { json, ...settings }: ProjectDeriveFlags,
  sourceId: string,
  projectId: string,
): Promise<void> {
  const ctx = await engine();
  if (settings.agent !== undefined) agentNamed(await loadRoster(ctx), settings.agent);
  const project = await withNearestProject(ctx, sourceId, () => projectDerive(ctx, sourceId, projectId, changesOf(settings)));
  if (json) return out.json(projectJson(project));
  note.say(`Project ${project.id} begins as a copy of ${sourceId}: ${printable(project.file)}`);
}

/** Pure: the flags that were given, as changes to the file. */
function changesOf({ repository, branch, agent, network }: Omit<ProjectDeriveFlags, 'json'>): readonly YamlChange[] {
  const changes: readonly YamlChange[] = [
    { path: ['repository'], value: repository },
    { path: ['branch'], value: branch },
    { path: ['run', 'agent'], value: agent },
    { path: ['network', 'mode'], value: network },
  ];
  return changes.filter(({ value }) => value !== undefined);
}
