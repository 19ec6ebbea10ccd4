/** Names of projects, tasks, archives and agents as they are now, read from folders and small files. */
import { basename } from 'node:path';
import { archiveNames, projectIds, taskNames } from '@terok/orchestration/names';
import { printable, type FileRead, type Places } from '@terok/sandbox';

/** `description` is null where the word's own will do. */
export type LiveName = { readonly name: string; readonly description: string | null };

export interface LiveNames {
  projects(): Promise<readonly LiveName[]>;
  /** Projects; once a slash is typed, the tasks of the project before it. */
  addresses(typed: string): Promise<readonly LiveName[]>;
  /** Of the project that was typed, those that start with what was typed after it; an address names its task itself. */
  tasks(project: string | undefined, typed: string): Promise<readonly LiveName[]>;
  archives(project: string | undefined, typed: string): Promise<readonly LiveName[]>;
  /** The bundled ones and the person's own, whether these can be read or not: who runs one is told what is wrong with it. */
  agents(bundled: readonly LiveName[]): Promise<readonly LiveName[]>;
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
    async archives(project, typed) {
      if (project === undefined || project.includes('/')) return [];
      return (await archiveNames(places, project, { startsWith: typed })).map(({ archive, name }) => ({
        name: archive,
        description: name,
      }));
    },
    async agents(bundled) {
      const own = await ownAgents(places);
      const labels = new Map(bundled.map(({ name, description }) => [name, description]));
      for (const { name, description } of own) labels.set(name, description ?? labels.get(name) ?? null);
      return [...labels].map(([name, description]) => ({ name, description })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

/** `<config>/agents/*.yaml`; what such a file means is for those who run the agent. */
async function ownAgents({ files, paths }: Places): Promise<readonly LiveName[]> {
  const names = (await files.list(paths.agents)).flatMap(({ name, kind }) =>
    kind !== 'directory' && name.endsWith('.yaml') ? [name] : [],
  );
  const reads = await files.readMany(
    names.map((name) => `${paths.agents}/${name}`),
    { maxBytes: agentMaxBytes },
  );
  return names
    .map((name, index) => ({ name: basename(name, '.yaml'), description: labelIn(reads[index]) }))
    .filter(({ name }) => /^\S+$/.test(name) && printable(name) === name);
}

const agentMaxBytes = 256 * 1024;

function labelIn(read: FileRead | undefined): string | null {
  if (read === undefined || 'failure' in read || read.bytes === null) return null;
  return /^label: *(['"]?)([^\n#]*?)\1 *(?:#.*)?$/m.exec(new TextDecoder().decode(read.bytes))?.[2] || null;
}
