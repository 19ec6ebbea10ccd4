import { taskLogin } from '@terok/orchestration';
import { canAsk } from '../dialog/dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

/** Ends with 0 once the person has left the shell, for now or for good. Ctrl-C is the shell's while it is open. */
export async function runTaskLogin(invocation: Invocation, _: Record<never, never>, first?: string, second?: string): Promise<number> {
  const { world, note } = invocation;
  if (!canAsk(world) || !world.stdout.isTerminal) throw cliErrors.LOGIN_NEEDS_TERMINAL({});
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const forget = world.onSignal('SIGINT', () => undefined);
  try {
    return await taskLogin(ctx, projectId, taskId);
  } finally {
    forget();
    note.hint(`Come back with \`terok login ${projectId} ${taskId}\`.`);
  }
}
