import { listProjects } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { projectListJson } from '../json/project-json.ts';
import { problemText } from '../output/problem-text.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column[] = [
  { heading: 'PROJECT' },
  { heading: 'REPOSITORY', shrinksTo: 16 },
  { heading: 'BRANCH', shrinksTo: 8 },
  { heading: 'AGENT' },
  { heading: 'NETWORK' },
];

export async function runProjectList({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const projects = await listProjects(await engine());
  if (json) return out.json(projectListJson(projects));
  if (projects.length === 0) return note.hint('There are no projects yet; add one with `terok project add PROJECT REPOSITORY`.');

  const rows = projects.map((entry) =>
    'project' in entry
      ? [
          { text: entry.id, style: 'strong' as const },
          printable(entry.project.repository),
          printable(entry.project.branch ?? '(default)'),
          printable(entry.project.agent),
          entry.project.network,
        ]
      : [
          { text: printable(entry.id), style: 'bad' as const },
          `cannot be used: ${entry.problems.length} problem${entry.problems.length === 1 ? '' : 's'}`,
        ],
  );
  await out.table({ columns, rows });
  for (const entry of projects) {
    if ('problems' in entry) for (const problem of entry.problems) note.warn(problemText(problem));
  }
}
