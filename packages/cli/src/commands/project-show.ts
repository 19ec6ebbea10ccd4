import { loadProject } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { chosenProject } from '../choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { projectJson } from '../json/project-json.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts } from '../output/facts.ts';
import { withNearestProject } from '../nearest.ts';

export async function runProjectShow(invocation: Invocation, { json }: { readonly json?: boolean }, named?: string): Promise<void> {
  const { engine, out } = invocation;
  const projectId = await chosenProject(invocation, named);
  const ctx = await engine();
  const project = await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));
  if (json) return out.json(projectJson(project));

  const { limits } = project;
  await out.text(
    formatFacts(
      [
        ['project', project.id],
        ['file', printable(project.file)],
        ['repository', printable(project.repository)],
        ['branch', printable(project.branch ?? "(the repository's default)")],
        ['base image', printable(project.base)],
        ['agent', printable(project.agent)],
        ['network', project.network],
        ['limits', printable(`memory ${limits.memory ?? 'unlimited'}, cpus ${limits.cpus ?? 'unlimited'}, pids ${limits.pids}`)],
        ['time limit', project.timeLimitSeconds === null ? 'none' : formatDuration(project.timeLimitSeconds)],
        ['relaxations', project.relaxations.length === 0 ? 'none' : project.relaxations.map(printable).join(', ')],
      ],
      out.paint,
    ),
  );
}
