/** OpenCode, `run --format json`. */
import type { AgentEvent, LogReader } from './agent-event.ts';
import { endFacts } from './end-facts.ts';
import { inputOf, numberAt, shown, textAt, valueAt } from './json-value.ts';

export const opencode: LogReader = {
  events(line) {
    const id = textAt(line, 'sessionID');
    const session: readonly AgentEvent[] = id === null ? [] : [{ kind: 'session', id, model: null }];
    const part = valueAt(line, 'part');
    switch (textAt(line, 'type') ?? '') {
      case 'text':
        return [...session, { kind: 'text', text: textAt(part, 'text') ?? '' }];
      case 'tool_use':
        return [...session, ...toolEvents(part)];
      case 'step_finish':
        return textAt(part, 'reason') === 'tool-calls' ? session : [...session, { kind: 'end', failed: false, facts: stepFacts(part) }];
      case 'error':
        return [...session, { kind: 'error', text: errorText(valueAt(line, 'error')) }, { kind: 'end', failed: true, facts: [] }];
      default:
        return session;
    }
  },
  sessionLost: /Session not found/,
};

function toolEvents(part: unknown): readonly AgentEvent[] {
  const failed = textAt(part, 'state', 'status') === 'error';
  return [
    { kind: 'tool_call', tool: textAt(part, 'tool') ?? '', input: inputOf(valueAt(part, 'state', 'input')) },
    { kind: 'tool_result', failed, text: shown(valueAt(part, 'state', failed ? 'error' : 'output') ?? '') },
  ];
}

function stepFacts(part: unknown): readonly string[] {
  const cost = numberAt(part, 'cost');
  return endFacts({
    inputTokens: numberAt(part, 'tokens', 'input'),
    outputTokens: numberAt(part, 'tokens', 'output'),
    costUsd: cost === 0 ? null : cost,
  });
}

function errorText(error: unknown): string {
  const status = numberAt(error, 'data', 'statusCode');
  const message = textAt(error, 'data', 'message') ?? textAt(error, 'name') ?? 'unknown';
  return status === null ? message : `${message} (${status})`;
}
