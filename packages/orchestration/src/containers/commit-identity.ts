/** Who commits made in a task's container are by, with what is known on this host. */
import type { Agent } from '@terok/executor';
import { hostGitUser } from '../git.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import type { TaskContext } from '../task-context.ts';
import { gitIdentityVariables, wantsHuman } from './git-identity.ts';

/** The variables that git reads. The person is the one of project.yml or config.yml, else the one that the host's git knows. */
export async function commitIdentity(
  ctx: TaskContext,
  { authorship, gitIdentity }: Pick<ProjectConfig, 'authorship' | 'gitIdentity'>,
  agent: Pick<Agent, 'gitIdentity'>,
): Promise<Readonly<Record<string, string>>> {
  const human = gitIdentity ?? (wantsHuman(authorship) ? await hostGitUser(ctx) : null);
  return gitIdentityVariables(authorship, { agent: agent.gitIdentity, human });
}
