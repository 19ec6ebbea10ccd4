/** A word that names nothing, and what the person most likely meant by it. */
import { iterTaskIds, listProjects, tasksMetaDir, type TaskContext } from '@terok/orchestration';
import { nearestName, TerokError } from '@terok/sandbox';

export async function withNearestProject<T>(ctx: TaskContext, projectId: string, body: () => Promise<T>): Promise<T> {
  return withNearest(
    'PROJECT_UNKNOWN',
    body,
    async () =>
      nearestName(
        projectId,
        (await listProjects(ctx)).map(({ id }) => id),
      ),
    '`terok project list` lists them all.',
  );
}

export async function withNearestTask<T>(ctx: TaskContext, projectId: string, task: string, body: () => Promise<T>): Promise<T> {
  const nearest = async () => nearestName(task, await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId))));
  return withNearest('TASK_UNMATCHED', body, nearest, `\`terok task list ${projectId}\` lists them all.`);
}

async function withNearest<T>(code: string, body: () => Promise<T>, nearest: () => Promise<string | null>, listing: string): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof TerokError) || error.code !== code) throw error;
    const name = await nearest();
    if (name === null) throw error;
    const { message, exitCode } = error;
    throw new TerokError({ code, message, exitCode, hint: `Did you mean \`${name}\`? ${listing}` }, error);
  }
}
