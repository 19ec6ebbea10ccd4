/** The agents that can be run: those that come with terok, and a person's own files laid over them. One bad file never takes another agent away. */
import { basename, join } from 'node:path';
import { mergeLayers, parseYamlWith, readText, TerokError, z, type ConfigProblem, type Files, type Paths } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { agentOf, type Agent } from './agent.ts';
import { AgentFile } from './agent-file.ts';
import { bundledAgents } from './bundled/bundled-agents.ts';

/** Where an agent is written: with terok, in a file of the person's, or in such a file over the one that comes with terok. */
export type AgentSource = { readonly bundled: boolean; readonly file: string | null };

export type Roster = {
  /** By name, sorted. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** Of every agent, also of those that are wrong. */
  readonly sources: ReadonlyMap<string, AgentSource>;
  /** Agents whose file is wrong, and what is wrong with it. They cannot be run, not even as they were before the file. */
  readonly quarantined: ReadonlyMap<string, readonly ConfigProblem[]>;
};

export type RosterContext = { readonly files: Files; readonly paths: Pick<Paths, 'agents'> };

const fileMaxBytes = 256 * 1024;
const namePattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Reads `<config>/agents/*.yaml`. Never throws for what is in a file. */
export async function loadRoster({ files, paths }: RosterContext): Promise<Roster> {
  const agents = new Map(Object.entries(bundledAgents).map(([name, file]) => [name, agentOf(name, AgentFile.parse(file))]));
  const quarantined = new Map<string, readonly ConfigProblem[]>();
  const sources = new Map<string, AgentSource>([...agents.keys()].map((name) => [name, { bundled: true, file: null }]));
  const written = (await files.list(paths.agents)).filter(({ name, kind }) => name.endsWith('.yaml') && kind !== 'directory');
  for (const { name: fileName } of written.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = join(paths.agents, fileName);
    const name = basename(fileName, '.yaml');
    sources.set(name, { bundled: Object.hasOwn(bundledAgents, name), file });
    const read = namePattern.test(name) ? await readAgentFile(files, file, name) : notAName(file, name);
    if ('problems' in read) {
      agents.delete(name);
      quarantined.set(name, read.problems);
    } else agents.set(name, read.agent);
  }
  return { agents: new Map([...agents].toSorted(([a], [b]) => (a < b ? -1 : 1))), sources, quarantined };
}

/** Throws AGENT_UNKNOWN, or AGENT_INVALID with what is wrong with its file. */
export function agentNamed({ agents, quarantined }: Roster, name: string): Agent {
  const agent = agents.get(name);
  if (agent !== undefined) return agent;
  const problems = quarantined.get(name);
  if (problems !== undefined) throw executorErrors.AGENT_INVALID({ agent: name, problems: problems.map(problemLine) });
  throw executorErrors.AGENT_UNKNOWN({ agent: name, known: [...agents.keys()] });
}

type AgentRead = { readonly agent: Agent } | { readonly problems: readonly ConfigProblem[] };

async function readAgentFile(files: Files, file: string, name: string): Promise<AgentRead> {
  const text = await readText(files, file, { maxBytes: fileMaxBytes, followLink: true }).catch(asTerokError);
  if (text === null) return { problems: [wholeFile(file, 'The link points at nothing')] };
  if (text instanceof TerokError) return { problems: [wholeFile(file, text.message)] };
  const bundled = Object.hasOwn(bundledAgents, name) ? bundledAgents[name] : undefined;
  const parsed = parseYamlWith(overlaid(bundled ?? {}), text, file);
  return 'problems' in parsed ? parsed : { agent: agentOf(name, parsed.value) };
}

/** A file's words over those of the agent of that name that comes with terok; the whole is held to the schema. */
const overlaid = (lower: Readonly<Record<string, unknown>>) =>
  z.pipe(
    z.pipe(
      z.record(z.string(), z.unknown()),
      z.transform((upper: Readonly<Record<string, unknown>>): unknown => mergeLayers(lower, upper)),
    ),
    AgentFile,
  );

function notAName(file: string, name: string): AgentRead {
  return { problems: [wholeFile(file, `\`${JSON.stringify(name).slice(1, -1)}\` is no name of an agent`)] };
}

function wholeFile(file: string, message: string): ConfigProblem {
  return { severity: 'error', file, line: 1, column: 1, path: '', message };
}

function problemLine({ file, line, column, path, message, hint }: ConfigProblem): string {
  return `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` ${hint}`}`;
}

function asTerokError(error: unknown): TerokError {
  if (error instanceof TerokError) return error;
  throw error;
}
