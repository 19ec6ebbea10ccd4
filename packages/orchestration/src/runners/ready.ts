/** The moment in which a workspace is ready and the work in it begins. */
import { readyLine, type OutputChunk } from '@terok/executor';
import { formatInstant } from '@terok/sandbox';
import { recordedContainerName } from '../containers/container-name.ts';
import { runHook } from '../hooks/run-hook.ts';
import { readableProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { updateTask } from '../tasks/meta.ts';

/** True once, at the chunk in which the line that the bootstrap prints is complete. A line may be cut anywhere. */
export function readyWatch(): { sees(chunk: OutputChunk): boolean } {
  const decoder = new TextDecoder();
  let seen = false;
  let rest = '';
  return {
    sees({ stream, bytes }) {
      if (seen || stream !== 'stderr') return false;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(-readyLine.length);
      seen = lines.includes(readyLine);
      return seen;
    },
  };
}

/** Writes it down, and runs the hook that waits for it; of several that watch one does. A project that cannot be read has no hook. */
export async function recordReady(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  const record = await updateTask(ctx, projectId, taskId, (before) =>
    Object.hasOwn(before, 'ready_at') ? {} : { ready_at: formatInstant(ctx.clock.now()) },
  );
  const containerName = recordedContainerName(projectId, taskId, record);
  const project = await readableProject(ctx, projectId);
  if (project === null || containerName === null) return;
  await runHook(ctx, { project, taskId, hook: 'post_ready', mode: record.mode ?? '', containerName });
}
