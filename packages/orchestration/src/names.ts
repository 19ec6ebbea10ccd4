/** What may be typed where a project, a task or an archive is meant, for programs that ask at every key: these few modules and no others are loaded. */
export { projectIds } from './projects/project-id.ts';
export { archiveNames, type NamedArchive } from './tasks/archive-names.ts';
export { taskNames, type NamedTask } from './tasks/names.ts';
