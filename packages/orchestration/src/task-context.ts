/** What every operation on projects and tasks is handed: the executor's world, unchanged. */
export type { ExecutorContext as TaskContext } from '@terok/executor';
