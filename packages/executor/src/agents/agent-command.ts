/** From an agent and what is asked of it to the words that run it. Pure. */
import { executorErrors } from '../errors.ts';
import { inContainer } from '../workspace/prepare-script.ts';
import type { Agent } from './agent.ts';

export type AgentCommandOptions = {
  /** `new`: a session of this name. `resume`: go on with it. Null: the agent names its session itself, or has none. */
  readonly session?: { readonly kind: 'new' | 'resume'; readonly id: string } | null;
  readonly model?: string | null;
  /** Where its model is asked for, instead of its maker's address. */
  readonly baseUrl?: string | null;
};

export type AgentCommand = {
  readonly words: readonly [string, ...string[]];
  /** The file that standard input comes from. */
  readonly stdin: string;
  readonly environment: Readonly<Record<string, string>>;
};

/** Throws AGENT_CANNOT for a wish that the agent has no words for, and for values that could be read as something else. */
export function agentCommand(agent: Agent, { session = null, model = null, baseUrl = null }: AgentCommandOptions = {}): AgentCommand {
  const cannot = (what: string) => executorErrors.AGENT_CANNOT({ agent: agent.name, what });
  const endpoint = baseUrl === null ? null : agent.endpoint;
  if (baseUrl !== null && endpoint === null) throw cannot('be pointed at another address');
  if (baseUrl !== null && !isPlainUrl(baseUrl)) throw cannot(`be pointed at ${JSON.stringify(baseUrl)}, which is no plain http address`);
  const name = model ?? endpoint?.defaultModel ?? null;
  if (name !== null && !/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/.test(name))
    throw cannot(`use ${JSON.stringify(name)}, which is no name of a model`);
  const modelWords = endpoint?.model ?? agent.model;
  if (model !== null && modelWords.length === 0 && endpoint?.model === undefined) throw cannot('be told which model to use');
  if (session !== null && !isSessionId(session.id)) throw cannot(`go on with ${JSON.stringify(session.id)}, which is no name of a session`);
  const template = session?.kind === 'resume' ? agent.resume : agent.start;
  if (template === null) throw cannot('go on with an earlier session');

  const values = {
    '{prompt_file}': inContainer.prompt,
    ...(session === null ? {} : { '{session}': session.id }),
    ...(name === null ? {} : { '{name}': name }),
    ...(baseUrl === null ? {} : { '{base_url}': baseUrl }),
  };
  const [program, ...rest] = template.flatMap((word) => {
    if (word === '{model}') return name === null ? [] : modelWords.map((each) => filledIn(each, values));
    if (word === '{endpoint}') return (endpoint?.words ?? []).map((each) => filledIn(each, values));
    return [filledIn(word, values)];
  });
  if (program === undefined) throw cannot('be started: it has no words');
  return {
    words: [program, ...rest],
    stdin: agent.prompt === 'stdin' ? inContainer.prompt : '/dev/null',
    environment: Object.fromEntries(
      Object.entries({ ...agent.environment, ...endpoint?.environment }).map(([key, value]) => [key, filledIn(value, values)]),
    ),
  };
}

/** What may stand behind a flag and on a command line: never a flag itself. */
export const isSessionId = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(text);

/** It is put into settings files of several kinds, so that nothing that quotes or ends a text may be in it. */
function isPlainUrl(text: string): boolean {
  return /^https?:\/\/[A-Za-z0-9._~:/?#[\]@!$&()*+,;=%-]{1,500}$/.test(text) && URL.canParse(text);
}

/** One pass: what is filled in is never looked into. */
function filledIn(word: string, values: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\{[a-z_]+\}/g, (mark) => values[mark] ?? mark);
}
