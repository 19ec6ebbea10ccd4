/** `terok agents …` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';
import { proposeAgents } from '../proposals.ts';

export const agentsCommands = {
  brief: 'Agents that tasks can run',
  routes: {
    list: command({
      load: async () => (await import('../agents-list.ts')).runAgentsList,
      json: async () => (await import('../../json/agents-json.ts')).AgentsListJson,
      brief: 'List the agents, and what is wrong with files of yours',
      flags: { json: jsonFlag },
    }),
    show: command({
      load: async () => (await import('../agents-show.ts')).runAgentsShow,
      json: async () => (await import('../../json/agents-json.ts')).AgentJson,
      brief: 'Show how an agent is installed and run',
      flags: { json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            parse: (text: string): string => text,
            optional: true,
            placeholder: 'AGENT',
            brief: 'Agent (left out, it is chosen from a list at a terminal)',
            proposeCompletions: proposeAgents,
          },
        ],
      },
    }),
  },
} as const satisfies CommandTree;
