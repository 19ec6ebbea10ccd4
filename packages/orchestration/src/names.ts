/** What may be typed where a project or a task is meant, for programs that ask at every key: these few modules and no others are loaded. */
export { projectIds } from './projects/project-id.ts';
export { taskNames, type NamedTask } from './tasks/names.ts';
