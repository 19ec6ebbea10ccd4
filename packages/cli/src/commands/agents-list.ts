import { agentVersion, loadRoster, type AgentSource } from '@terok/executor';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { agentsListJson } from '../json/agents-json.ts';
import { agentSourceText } from '../output/agent-source.ts';
import { problemText } from '../output/problem-text.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column[] = [
  { heading: 'AGENT' },
  { heading: 'NAME', shrinksTo: 8 },
  { heading: 'VERSION' },
  { heading: 'FROM', shrinksTo: 16 },
  { heading: 'NEEDS ONE OF', shrinksTo: 16 },
];

export async function runAgentsList({ host, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const roster = await loadRoster(await host());
  if (json) return out.json(agentsListJson(roster));
  const from = (name: string) => agentSourceText(roster.sources.get(name) ?? ({ bundled: false, file: null } satisfies AgentSource));
  const rows = [
    ...[...roster.agents.values()].map((agent) => [
      { text: agent.name, style: 'strong' as const },
      printable(agent.label),
      printable(agentVersion(agent) ?? ''),
      from(agent.name),
      agent.keys.map(printable).join(', '),
    ]),
    ...[...roster.quarantined].map(([name, problems]) => [
      { text: printable(name), style: 'bad' as const },
      `cannot be used: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
      '',
      from(name),
    ]),
  ];
  await out.table({ columns, rows });
  for (const problems of roster.quarantined.values()) for (const problem of problems) note.warn(problemText(problem));
}
