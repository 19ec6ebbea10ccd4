/** A word that names nothing, and what the person most likely meant by it. */
import { listProjects, type TaskContext } from '@terok/orchestration';
import { nearestName, TerokError } from '@terok/sandbox';

export async function withNearestProject<T>(ctx: TaskContext, projectId: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof TerokError) || error.code !== 'PROJECT_UNKNOWN') throw error;
    const nearest = nearestName(projectId, (await listProjects(ctx)).map(({ id }) => id));
    if (nearest === null) throw error;
    const { code, message, exitCode } = error;
    throw new TerokError({ code, message, exitCode, hint: `Did you mean \`${nearest}\`? \`terok project list\` lists them all.` }, error);
  }
}
