import { agentNamed, agentVersion, loadRoster } from '@terok/executor';
import { printable } from '@terok/sandbox';
import { chosenAgent } from '../dialog/choose-agent.ts';
import type { Invocation } from '../invocation.ts';
import { agentJson } from '../json/agents-json.ts';
import { agentSourceText } from '../output/agent-source.ts';
import { formatFacts } from '../output/facts.ts';

export async function runAgentsShow(invocation: Invocation, { json }: { readonly json?: boolean }, named?: string): Promise<void> {
  const { host, out } = invocation;
  const roster = await loadRoster(await host());
  const name = await chosenAgent(invocation, roster, { named, question: 'Which agent?' });
  const agent = agentNamed(roster, name);
  const source = roster.sources.get(name) ?? { bundled: false, file: null };
  if (json) return out.json(agentJson(agent, source));

  const { install } = agent;
  const words = (list: readonly string[], none: string) => (list.length === 0 ? none : list.map(printable).join(' '));
  await out.text(
    formatFacts(
      [
        ['agent', agent.name],
        ['name', printable(agent.label)],
        ['from', agentSourceText(source)],
        ['version', printable(agentVersion(agent) ?? '(installs nothing)')],
        ...install.packages.map(
          ({ name: of, version, architecture }) => ['package', printable(`${of}@${version} (${architecture ?? 'everywhere'})`)] as const,
        ),
        ['command', words(agent.start, 'none')],
        ['goes on with', agent.resume === null ? '(every prompt begins anew)' : words(agent.resume, 'none')],
        ['prompt', agent.prompt === 'stdin' ? 'on the standard input' : 'in a file'],
        ['model', words(agent.model, '(cannot be told)')],
        ['other address', agent.endpoint === null ? 'cannot be told' : '`run.base_url` in project.yml'],
        ['needs one of', words(agent.keys, 'nothing')],
        ['log', agent.logFormat],
        ['root', agent.rootFilesystem === 'read_only' ? 'read-only' : 'writable'],
        ['commits as', printable(`${agent.gitIdentity.name} <${agent.gitIdentity.email}>`)],
      ],
      out.paint,
    ),
  );
}
