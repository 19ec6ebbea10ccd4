/** Who commits in a container are by: the project's word, else the agent's own name. */
import { agentNamed, agentNames } from '@terok/executor';
import type { ProjectConfig } from '../projects/project-config.ts';

/** As variables that git reads. An agent that is not known any more commits as the project's own. */
export function gitIdentityVariables(
  project: Pick<ProjectConfig, 'gitIdentity' | 'agent'>,
  agent: string,
): Readonly<Record<string, string>> {
  const { name, email } = project.gitIdentity ?? agentNamed(agentNames.includes(agent) ? agent : project.agent).gitIdentity;
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
