/** What a person says of a start, as the rooms below take it, and what Ctrl-C means while it is under way. */
import type { LaunchOptions, TaskId } from '@terok/orchestration';
import type { Attention } from './attention.ts';
import { cliErrors } from '../errors.ts';
import type { Note } from '../output/note.ts';
import { progressOn } from '../output/progress.ts';

export type LaunchWish = {
  /** Of a task that is there. */
  readonly taskId: TaskId | undefined;
  readonly agent?: string | undefined;
  readonly name?: string | undefined;
  readonly branch?: string | undefined;
  /** In seconds. */
  readonly timeLimit?: number | undefined;
};

/** Whatever fails after Ctrl-C is told as INTERRUPTED. */
export async function launchAsWished<T>(
  { taskId, agent, name, branch, timeLimit }: LaunchWish,
  { attention, note }: { readonly attention: Attention; readonly note: Note },
  launch: (options: LaunchOptions) => Promise<T>,
): Promise<T> {
  try {
    return await launch({
      onProgress: progressOn(note),
      signal: attention.interrupt,
      ...(agent === undefined ? {} : { agent }),
      ...(name === undefined ? {} : { name }),
      ...(branch === undefined ? {} : { branch }),
      ...(taskId === undefined ? {} : { taskId }),
      ...(timeLimit === undefined ? {} : { timeLimitSeconds: timeLimit }),
    });
  } catch (error) {
    if (attention.interrupt.aborted) throw cliErrors.INTERRUPTED({}, error);
    throw error;
  }
}
