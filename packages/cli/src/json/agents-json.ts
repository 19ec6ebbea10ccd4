/** What `terok agents … --json` prints. */
import { z } from '@terok/sandbox';
import { agentVersion, type Agent, type AgentSource, type Roster } from '@terok/executor';

export const AgentJson = z.strictObject({
  agent: z.string(),
  label: z.string(),
  /** Of its package; null for one that installs nothing. */
  version: z.nullable(z.string()),
  /** Comes with terok. */
  bundled: z.boolean(),
  /** The person's file that it is written in, alone or over the bundled one. */
  file: z.nullable(z.string()),
  packages: z.readonly(
    z.array(z.strictObject({ name: z.string(), version: z.string(), architecture: z.nullable(z.string()), integrity: z.string() })),
  ),
  start: z.readonly(z.array(z.string())),
  prompt: z.enum(['stdin', 'file']),
  /** Whether a follow-up goes on with its session. */
  resumes: z.boolean(),
  takes_model: z.boolean(),
  /** Secrets of which it needs one. */
  keys: z.readonly(z.array(z.string())),
  takes_base_url: z.boolean(),
  log_format: z.string(),
  root_filesystem: z.enum(['read_only', 'writable']),
});
export type AgentJson = z.infer<typeof AgentJson>;

export const AgentsListJson = z.strictObject({
  agents: z.array(AgentJson),
  quarantined: z.array(
    z.strictObject({
      agent: z.string(),
      bundled: z.boolean(),
      file: z.nullable(z.string()),
      problems: z.array(z.strictObject({ file: z.string(), line: z.number(), column: z.number(), path: z.string(), message: z.string() })),
    }),
  ),
});
export type AgentsListJson = z.infer<typeof AgentsListJson>;

export function agentJson(agent: Agent, { bundled, file }: AgentSource): AgentJson {
  return {
    agent: agent.name,
    label: agent.label,
    version: agentVersion(agent),
    bundled,
    file,
    packages: agent.install.packages.map(({ name, version, architecture, integrity }) => ({ name, version, architecture, integrity })),
    start: agent.start,
    prompt: agent.prompt,
    resumes: agent.resume !== null,
    takes_model: agent.model.length > 0,
    keys: agent.keys,
    takes_base_url: agent.endpoint !== null,
    log_format: agent.logFormat,
    root_filesystem: agent.rootFilesystem,
  };
}

export function agentsListJson({ agents, quarantined, sources }: Roster): AgentsListJson {
  return {
    agents: [...agents.values()].map((agent) => agentJson(agent, sources.get(agent.name) ?? unknownSource)),
    quarantined: [...quarantined].map(([name, problems]) => ({
      agent: name,
      ...(sources.get(name) ?? unknownSource),
      problems: problems.map(({ file, line, column, path, message }) => ({ file, line, column, path, message })),
    })),
  };
}

const unknownSource: AgentSource = { bundled: false, file: null };
