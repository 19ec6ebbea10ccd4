/** A running task before a person's eyes, until it ends or they leave. */
import { followTask, interruptTask, type TaskContext, type TaskEnd } from '@terok/orchestration';
import { exitStatus, TerokError } from '@terok/sandbox';
import { aborted, type Attention } from './attention.ts';
import type { LogWriter } from '../output/log-writer.ts';

export type Following = {
  readonly ctx: TaskContext;
  readonly projectId: string;
  readonly taskId: string;
  readonly attention: Attention;
  readonly writer: LogWriter;
};

/** How the task ended; null when the person left first, and the task goes on. Ctrl-C ends it. */
export async function followToEnd({ ctx, projectId, taskId, attention, writer }: Following): Promise<TaskEnd | null> {
  const reading = new AbortController();
  const end = followTask(ctx, projectId, taskId, { write: (chunk) => writer.write(chunk), signal: reading.signal });
  // Awaited below, unless the person leaves: then nobody is there to hear how it failed.
  end.catch(() => undefined);

  const first = await Promise.race([
    end.then(() => 'ended' as const),
    aborted(attention.interrupt).then(() => 'interrupted' as const),
    aborted(attention.departure).then(() => 'departed' as const),
  ]);
  switch (first) {
    case 'ended':
      await writer.end();
      return end;
    case 'interrupted': {
      const interrupted = await interruptTask(ctx, projectId, taskId).catch((error: unknown) => {
        if (error instanceof TerokError && error.code === 'TASK_NOT_RUNNING') return end; // it ended by itself meanwhile
        throw error;
      });
      await end;
      await writer.end();
      return interrupted;
    }
    case 'departed':
      reading.abort();
      return null;
  }
}

/** What `task run` ends with: the agent's own code where the agent ended it. */
export function exitCodeOf({ ended, exitCode }: Pick<TaskEnd, 'ended' | 'exitCode'>): number {
  switch (ended) {
    case 'agent':
    case 'stopped':
      return exitCode ?? exitStatus.failure;
    case 'time_limit':
      return exitStatus.timeLimit;
    case 'interrupted':
      return exitStatus.interrupted;
    case 'terok_error':
      return exitStatus.failure;
  }
}
