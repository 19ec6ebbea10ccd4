import { taskLogFormat, taskLogs } from '@terok/orchestration';
import type { Invocation } from '../invocation.ts';
import { logWriter } from '../output/log-writer.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

export type TaskLogsFlags = { readonly follow?: boolean; readonly tail?: number; readonly run?: number; readonly raw?: boolean };

export async function runTaskLogs(
  invocation: Invocation,
  { follow = false, tail, run, raw = false }: TaskLogsFlags,
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note, world } = invocation;
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const reader = new AbortController();
  const forget = world.stdout.onLost(() => reader.abort());
  try {
    const which = run === undefined ? {} : { run };
    const writer = logWriter({ stdout: out, stderr: note }, raw ? 'plain' : await taskLogFormat(ctx, projectId, taskId, which));
    const options = { follow, signal: reader.signal, ...(tail === undefined ? {} : { tail }), ...which };
    for await (const chunk of taskLogs(ctx, projectId, taskId, options)) await writer.write(chunk);
    await writer.end();
  } finally {
    forget();
  }
}
