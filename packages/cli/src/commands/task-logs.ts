import { taskLogFormat, taskLogs } from '@terok/orchestration';
import type { Invocation } from '../invocation.ts';
import { logWriter } from '../output/log-writer.ts';
import { resolveTask } from '../resolve-task.ts';

export type TaskLogsFlags = { readonly follow?: boolean; readonly tail?: number; readonly raw?: boolean };

export async function runTaskLogs(
  { engine, out, note, world }: Invocation,
  { follow = false, tail, raw = false }: TaskLogsFlags,
  first: string,
  second?: string,
): Promise<void> {
  const ctx = await engine();
  const { projectId, taskId } = await resolveTask(ctx, first, second);
  const reader = new AbortController();
  const forget = world.stdout.onLost(() => reader.abort());
  try {
    const writer = logWriter({ stdout: out, stderr: note }, raw ? 'plain' : await taskLogFormat(ctx, projectId, taskId));
    for await (const chunk of taskLogs(ctx, projectId, taskId, { follow, signal: reader.signal, ...(tail === undefined ? {} : { tail }) }))
      await writer.write(chunk);
    await writer.end();
  } finally {
    forget();
  }
}
