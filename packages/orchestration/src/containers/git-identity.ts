/** Who commits in a container are by: the project's word, else the agent's own name. */
import type { Agent } from '@terok/executor';
import type { ProjectConfig } from '../projects/project-config.ts';

/** As variables that git reads. */
export function gitIdentityVariables(
  project: Pick<ProjectConfig, 'gitIdentity'>,
  agent: Pick<Agent, 'gitIdentity'>,
): Readonly<Record<string, string>> {
  const { name, email } = project.gitIdentity ?? agent.gitIdentity;
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
