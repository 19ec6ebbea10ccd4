import { expect, test } from 'vitest';
import * as orchestration from './index.ts';

/** What the reference exports from its package of tasks, under its own names; its three types are checked wherever they are used. */
const referenceNames = [
  ...['CONTAINER_MODES', 'CONTAINER_TEROK_CONFIG', 'TASK_NAME_MAX_LEN', 'agent_config_dir', 'capture_task_logs', 'container_name'],
  ...['dossier_path', 'generate_task_name', 'get_all_task_states', 'get_login_command', 'get_task_container_state', 'get_task_meta'],
  ...['get_tasks', 'get_workspace_git_diff', 'is_task_id', 'iter_task_ids', 'list_archived_tasks', 'load_task_meta'],
  ...['lookup_container_by_pt', 'mark_task_deleting', 'meta_path', 'normalize_task_id_input', 'read_task_meta', 'resolve_task_id'],
  ...['sanitize_task_name', 'task_archive_list', 'task_archive_logs', 'task_delete', 'task_exists', 'task_list', 'task_login', 'task_new'],
  ...['task_rename', 'task_status', 'task_stop', 'tasks_archive_dir', 'tasks_meta_dir', 'update_task_exit_code', 'validate_task_name'],
  ...['wait_for_container_exit', 'write_task_meta'],
];

const inOurSpelling = (name: string): string =>
  /^[A-Z]/.test(name) ? name : name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

test('every name of the reference is exported, and each function is one', () => {
  const found = new Map(Object.entries(orchestration).map(([name, value]) => [name, typeof value]));
  expect(referenceNames.filter((name) => !found.has(inOurSpelling(name)))).toEqual([]);
  const functions = referenceNames.filter((name) => /^[a-z]/.test(name));
  expect(functions.filter((name) => found.get(inOurSpelling(name)) !== 'function')).toEqual([]);
  expect(orchestration.taskArchiveList).toBe(orchestration.listArchivedTasks);
});
