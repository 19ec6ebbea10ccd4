/** The agents that can be run, as data. */
import { executorErrors } from '../errors.ts';
import { inContainer } from '../workspace/prepare-script.ts';

export type Agent = {
  readonly name: string;
  readonly label: string;
  /** The words that run it without a person; its prompt is in the file at `inContainer.prompt`. */
  readonly headless: readonly [string, ...string[]];
  /** What it needs of the image beyond the base tools, as Dockerfile lines of layer L1. */
  readonly install: readonly string[];
  readonly rootFilesystem: 'read_only' | 'writable';
  /** Who its commits are by, unless the project says otherwise. */
  readonly gitIdentity: { readonly name: string; readonly email: string };
};

const bundled: readonly Agent[] = [
  {
    name: 'shell',
    label: 'Shell',
    headless: ['/bin/bash', inContainer.prompt],
    install: [],
    rootFilesystem: 'read_only',
    gitIdentity: { name: 'terok shell agent', email: 'shell@agents.terok.invalid' },
  },
];

export const agentNames: readonly string[] = bundled.map((agent) => agent.name);

export function agentNamed(name: string): Agent {
  const agent = bundled.find((candidate) => candidate.name === name);
  if (agent === undefined) throw executorErrors.AGENT_UNKNOWN({ agent: name, known: agentNames });
  return agent;
}
