/** The files of the agents that come with terok, on their way to the module that ships: `bundled-agents.ts` is printed from them. */
import { parseYamlWith, z } from '@terok/sandbox';

const bundledNames = ['claude', 'codex', 'copilot', 'gemini', 'opencode', 'shell'] as const;

/** Name → what its file says. */
export function writtenAgents(textOf: (name: string) => string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(bundledNames.map((name) => [name, written(name, textOf(name))]));
}

export function bundledModule(agents: Readonly<Record<string, unknown>>): string {
  return `/** The agents that come with terok. Printed from the YAML files beside it by \`pnpm run agents\`: change those. */
import type { WrittenAgentFile } from '../agent-file.ts';

export const bundledAgents: Readonly<Record<string, WrittenAgentFile>> = ${JSON.stringify(agents, undefined, 2)};
`;
}

function written(name: string, text: string): unknown {
  const read = parseYamlWith(z.record(z.string(), z.unknown()), text, `${name}.yaml`);
  if ('problems' in read) throw new Error(`${name}.yaml: ${read.problems.map(({ message }) => message).join('; ')}`);
  return read.value;
}
