import { expect, test } from 'vitest';
import { memoryWorld, scriptedPrograms } from '../testing/memory-world.ts';
import { commitIdentity } from './commit-identity.ts';
import { authorships, gitIdentityVariables, type Authorship } from './git-identity.ts';

const agent = { name: 'Agent', email: 'agent@localhost' };
const human = { name: 'Person', email: 'person@example.org' };
const who = (variables: Readonly<Record<string, string>>) => [
  `${variables['GIT_AUTHOR_NAME']} <${variables['GIT_AUTHOR_EMAIL']}>`,
  `${variables['GIT_COMMITTER_NAME']} <${variables['GIT_COMMITTER_EMAIL']}>`,
];
const [theAgent, thePerson, nobody] = ['Agent <agent@localhost>', 'Person <person@example.org>', 'Nobody <nobody@localhost>'];

test.each<[Authorship, author: string, committer: string]>([
  ['agent', theAgent, theAgent],
  ['human', thePerson, thePerson],
  ['agent-human', theAgent, thePerson],
  ['human-agent', thePerson, theAgent],
])('with %s the author is %s and the committer %s', (authorship, author, committer) => {
  expect(who(gitIdentityVariables(authorship, { agent, human }))).toEqual([author, committer]);
});

test.each(authorships)('with %s a person of whom nothing is known is nobody', (authorship) => {
  const names = who(gitIdentityVariables(authorship, { agent, human: null }));
  expect(names.filter((name) => name !== theAgent)).toEqual(names.filter((name) => name === nobody));
});

test('the person is the one of the project, else the one that git on the host knows, who is asked for only then', async () => {
  const asked: string[] = [];
  const processes = scriptedPrograms(async ({ args }) => {
    asked.push(args.at(-1) ?? '');
    return args.at(-1) === 'user.name' ? { stdout: 'Host Person\n' } : { exitCode: 1 };
  });
  const { ctx } = await memoryWorld({ processes });
  const identity = (authorship: Authorship, gitIdentity: typeof human | null) =>
    commitIdentity(ctx, { authorship, gitIdentity }, { gitIdentity: agent }).then(who);
  expect(await identity('agent', null)).toEqual([theAgent, theAgent]);
  expect(await identity('agent-human', human)).toEqual([theAgent, thePerson]);
  expect(asked).toEqual([]);
  expect(await identity('agent-human', null)).toEqual([theAgent, 'Host Person <nobody@localhost>']);
  expect(asked).toEqual(['user.name', 'user.email']);
});

test('a name of the host brings no control characters along', async () => {
  const stdout = 'A\u001b[31mB\u0007\n';
  const { ctx } = await memoryWorld({ processes: scriptedPrograms(async () => ({ stdout })) });
  const identity = await commitIdentity(ctx, { authorship: 'human', gitIdentity: null }, { gitIdentity: agent });
  expect(JSON.stringify(identity)).not.toMatch(/\\u00/);
});
