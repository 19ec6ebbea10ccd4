/** Who commits in a container are by: the agent, the person, or one as the author and the other as the committer. Pure. */

/** Author, then committer where they differ. */
export const authorships = ['agent', 'human', 'agent-human', 'human-agent'] as const;
export type Authorship = (typeof authorships)[number];

export type Identity = { readonly name: string; readonly email: string };

/** Who stands for a person of whom nothing is known. */
const nobody: Identity = { name: 'Nobody', email: 'nobody@localhost' };

/** Whether somebody has to know the person. */
export const wantsHuman = (authorship: Authorship): boolean => authorship !== 'agent';

/** As variables that git reads. */
export function gitIdentityVariables(
  authorship: Authorship,
  { agent, human }: { readonly agent: Identity; readonly human: Identity | null },
): Readonly<Record<string, string>> {
  const person = human ?? nobody;
  const author = authorship === 'agent' || authorship === 'agent-human' ? agent : person;
  const committer = authorship === 'agent' || authorship === 'human-agent' ? agent : person;
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  };
}
