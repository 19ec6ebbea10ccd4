/** Names of projects and tasks as they are now, read from folders and dossiers. */
import { projectIds, taskNames } from '@terok/orchestration/names';
import type { Places } from '@terok/sandbox';

/** `description` is null where the word's own will do. */
export type LiveName = { readonly name: string; readonly description: string | null };

export interface LiveNames {
  projects(): Promise<readonly LiveName[]>;
  /** Projects; once a slash is typed, the tasks of the project before it. */
  addresses(typed: string): Promise<readonly LiveName[]>;
  /** Of the project that was typed, those that start with what was typed after it; an address names its task itself. */
  tasks(project: string | undefined, typed: string): Promise<readonly LiveName[]>;
}

export function liveNames(places: Places): LiveNames {
  const projects = async () => (await projectIds(places)).map((name) => ({ name, description: null }));
  const tasksOf = async (projectId: string, { typed, before = '' }: { readonly typed: string; readonly before?: string }) =>
    (await taskNames(places, projectId, { startsWith: typed })).map(({ taskId, name }) => ({
      name: `${before}${taskId}`,
      description: name,
    }));
  return {
    projects,
    addresses(typed) {
      const [projectId = '', task] = typed.split('/');
      return task === undefined ? projects() : tasksOf(projectId, { typed: task, before: `${projectId}/` });
    },
    tasks: async (project, typed) => (project === undefined || project.includes('/') ? [] : tasksOf(project, { typed })),
  };
}
