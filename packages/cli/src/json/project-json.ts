/** What `terok project … --json` prints. */
import { z } from '@terok/sandbox';
import type { listProjects, ProjectConfig } from '@terok/orchestration';

export const ProjectJson = z.strictObject({
  project_id: z.string(),
  file: z.string(),
  repository: z.string(),
  branch: z.nullable(z.string()),
  base: z.string(),
  agent: z.string(),
  network: z.enum(['none', 'open']),
  limits: z.strictObject({ memory: z.nullable(z.string()), cpus: z.nullable(z.string()), pids: z.number() }),
  time_limit_s: z.nullable(z.number()),
  relaxations: z.readonly(z.array(z.string())),
});
export type ProjectJson = z.infer<typeof ProjectJson>;

export const ProjectListJson = z.strictObject({
  projects: z.array(ProjectJson),
  broken: z.array(
    z.strictObject({
      project_id: z.string(),
      problems: z.array(z.strictObject({ file: z.string(), line: z.number(), column: z.number(), path: z.string(), message: z.string() })),
    }),
  ),
});
export type ProjectListJson = z.infer<typeof ProjectListJson>;

export const ProjectRemoveJson = z.strictObject({ project_id: z.string(), archive: z.nullable(z.string()) });
export type ProjectRemoveJson = z.infer<typeof ProjectRemoveJson>;

export function projectJson({
  id,
  file,
  repository,
  branch,
  base,
  agent,
  network,
  limits,
  timeLimitSeconds,
  relaxations,
}: ProjectConfig): ProjectJson {
  return {
    project_id: id,
    file,
    repository,
    branch,
    base,
    agent,
    network,
    limits: { memory: limits.memory, cpus: limits.cpus, pids: limits.pids },
    time_limit_s: timeLimitSeconds,
    relaxations,
  };
}

export function projectListJson(entries: Awaited<ReturnType<typeof listProjects>>): ProjectListJson {
  return {
    projects: entries.flatMap((entry) => ('project' in entry ? [projectJson(entry.project)] : [])),
    broken: entries.flatMap((entry) =>
      'project' in entry
        ? []
        : [
            {
              project_id: entry.id,
              problems: entry.problems.map(({ file, line, column, path, message }) => ({ file, line, column, path, message })),
            },
          ],
    ),
  };
}
