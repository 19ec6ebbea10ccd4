import { projectAdd } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { projectJson } from '../json/project-json.ts';

export type ProjectAddFlags = {
  readonly branch?: string;
  readonly base?: string;
  readonly network?: 'none' | 'open';
  readonly json?: boolean;
};

export async function runProjectAdd(
  { engine, out, note }: Invocation,
  { json, ...settings }: ProjectAddFlags,
  projectId: string,
  repository: string,
): Promise<void> {
  const project = await projectAdd(await engine(), projectId, { repository, ...settings });
  if (json) return out.json(projectJson(project));
  note.say(`Added project ${project.id}: ${printable(project.file)}`);
  note.hint(`Start a task with \`terok task run ${project.id} --prompt TEXT\`.${project.agent === 'shell' ? shellHint : ''}`);
}

const shellHint = ' Its agent, `shell`, runs TEXT as a script of bash; `terok agents list` shows the others.';
