/** Codex, `exec --json`. */
import type { AgentEvent, LogReader } from './agent-event.ts';
import { endFacts } from './end-facts.ts';
import { inputOf, listAt, numberAt, shown, textAt, valueAt } from './json-value.ts';

export const codex: LogReader = {
  events(line) {
    switch (textAt(line, 'type') ?? '') {
      case 'thread.started':
        return [{ kind: 'session', id: textAt(line, 'thread_id') ?? '', model: null }];
      case 'item.started':
        return startedEvents(valueAt(line, 'item'));
      case 'item.completed':
        return completedEvents(valueAt(line, 'item'));
      case 'turn.completed':
        return [
          {
            kind: 'end',
            failed: false,
            facts: endFacts({
              inputTokens: numberAt(line, 'usage', 'input_tokens'),
              outputTokens: numberAt(line, 'usage', 'output_tokens'),
            }),
          },
        ];
      case 'turn.failed':
        return [
          { kind: 'error', text: textAt(line, 'error', 'message') ?? 'the turn failed' },
          { kind: 'end', failed: true, facts: [] },
        ];
      case 'error':
        return [{ kind: 'notice', text: textAt(line, 'message') ?? '' }];
      default:
        return [];
    }
  },
  sessionLost: /no rollout found for thread id/,
};

function startedEvents(item: unknown): readonly AgentEvent[] {
  const type = textAt(item, 'type');
  if (type === 'command_execution') return [{ kind: 'tool_call', tool: 'command', input: [['command', textAt(item, 'command') ?? '']] }];
  if (type !== 'mcp_tool_call') return [];
  const tool = [textAt(item, 'server'), textAt(item, 'tool')].filter((part) => part !== null).join('/');
  return [{ kind: 'tool_call', tool, input: inputOf(valueAt(item, 'arguments')) }];
}

function completedEvents(item: unknown): readonly AgentEvent[] {
  const failed = textAt(item, 'status') === 'failed';
  switch (textAt(item, 'type') ?? '') {
    case 'agent_message':
      return [{ kind: 'text', text: textAt(item, 'text') ?? '' }];
    case 'command_execution': {
      const code = numberAt(item, 'exit_code');
      const output = textAt(item, 'aggregated_output') ?? '';
      return [{ kind: 'tool_result', failed: failed || (code !== null && code !== 0), text: output }];
    }
    case 'mcp_tool_call':
      return [{ kind: 'tool_result', failed, text: shown(valueAt(item, 'result') ?? valueAt(item, 'error') ?? '') }];
    case 'file_change': {
      const changes = listAt(item, 'changes').map((each) => [textAt(each, 'kind') ?? 'change', textAt(each, 'path') ?? ''] as const);
      return [{ kind: 'tool_call', tool: 'file change', input: changes }];
    }
    case 'error':
      return [{ kind: 'notice', text: textAt(item, 'message') ?? '' }];
    default:
      return [];
  }
}
