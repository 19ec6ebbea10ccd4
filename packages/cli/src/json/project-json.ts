/** What `terok project … --json` prints. */
import { hookNames, type listProjects, type ProjectConfig } from '@terok/orchestration';
import { z } from '@terok/sandbox';
import { setHooks } from '../output/set-hooks.ts';

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
  model: z.nullable(z.string()),
  base_url: z.nullable(z.string()),
  image_snippet: z.nullable(z.string()),
  image_snippet_file: z.nullable(z.string()),
  /** Only the names: no value is read for this. */
  secrets: z.readonly(z.array(z.string())),
  /** Null: whoever the git of this host knows. */
  git_author: z.nullable(z.strictObject({ name: z.string(), email: z.string() })),
  git_authorship: z.string(),
  /** In the order in which a launch comes to them; only those that are set. */
  hooks: z.array(z.strictObject({ hook: z.enum(hookNames), command: z.readonly(z.array(z.string())), timeout_s: z.number() })),
  shutdown_timeout_s: z.number(),
  podman_args: z.readonly(z.array(z.string())),
  gpus: z.string(),
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

export const ProjectRemoveJson = z.strictObject({
  project_id: z.string(),
  /** Where its settings are kept. */
  archive: z.string(),
  /** Its folder, where it holds more than them: that stays. */
  left: z.nullable(z.string()),
  /** Those that were deleted with it. */
  tasks: z.readonly(z.array(z.string())),
  warnings: z.readonly(z.array(z.string())),
});
export type ProjectRemoveJson = z.infer<typeof ProjectRemoveJson>;

export function projectJson(project: ProjectConfig): ProjectJson {
  const { limits, gitIdentity } = project;
  return {
    project_id: project.id,
    file: project.file,
    repository: project.repository,
    branch: project.branch,
    base: project.base,
    agent: project.agent,
    network: project.network,
    limits: { memory: limits.memory, cpus: limits.cpus, pids: limits.pids },
    time_limit_s: project.timeLimitSeconds,
    relaxations: project.relaxations,
    model: project.model,
    base_url: project.baseUrl,
    image_snippet: project.snippet.text,
    image_snippet_file: project.snippet.file,
    secrets: Object.keys(project.secrets),
    git_author: gitIdentity === null ? null : { name: gitIdentity.name, email: gitIdentity.email },
    git_authorship: project.authorship,
    hooks: setHooks(project).map(({ hook, command, timeoutSeconds }) => ({ hook, command, timeout_s: timeoutSeconds })),
    shutdown_timeout_s: project.stopGraceSeconds,
    podman_args: project.podmanArgs,
    gpus: project.gpus,
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
