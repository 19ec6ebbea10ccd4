/** A project with as many tasks that have ended as a figure needs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dossierPath, tasksMetaDir, writeTaskMeta } from '@terok/orchestration';
import { nodeFiles, type SandboxContext } from '@terok/sandbox';

/** Returns their IDs. */
export async function writeTasks({ paths }: Pick<SandboxContext, 'paths'>, project: string, count: number): Promise<readonly string[]> {
  // Written without waiting for the disk: nothing is measured here.
  const swift = { ...nodeFiles, replace: (path: string, content: unknown) => writeFile(path, String(content)) };
  const ids = Array.from({ length: count }, (_, index) => taskIdOf(index));
  const metaDir = tasksMetaDir({ paths }, project);
  await mkdir(metaDir, { recursive: true });
  for (const id of ids) {
    await writeTaskMeta({ files: swift }, dossierPath(metaDir, id), recordOf(id));
    await mkdir(join(paths.tasks, project, id, 'workspace'), { recursive: true });
  }
  return ids;
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
const taskIdOf = (index: number): string =>
  `k${Math.floor(index / 1024)}${crockford[Math.floor(index / 32) % 32]}${crockford[index % 32]}z`;

const recordOf = (id: string) => ({
  project_id: 'many',
  task_id: id,
  name: `talented-toucan-${id}`,
  mode: 'run',
  workspace: `/var/lib/terok/tasks/many/${id}`,
  web_port: null,
  created_at: '2026-08-20T12:00:00.000+00:00',
  launch_id: `launch-of-${id}`,
  launching_at: null,
  started_at: '2026-08-20T12:00:01.000+00:00',
  finished_at: '2026-08-20T12:30:00.000+00:00',
  ready_at: '2026-08-20T12:00:02.000+00:00',
  exit_code: 0,
  ended: 'agent' as const,
  agent: 'shell',
  log_format: 'plain',
  image: 'localhost/terok/0123abcd/l1-shell:0123456789abcdef',
  branch: 'main',
  base_commit: 'b'.repeat(40),
  relaxations: ['network: open', 'secrets: API_KEY'],
  prompt_sha256: 'c'.repeat(64),
  rev: 4,
});
