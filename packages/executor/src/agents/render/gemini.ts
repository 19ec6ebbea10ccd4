/** Gemini CLI, `--output-format stream-json`. */
import type { AgentEvent, LogReader } from './agent-event.ts';
import { endFacts } from './end-facts.ts';
import { inputOf, numberAt, shown, textAt, valueAt } from './json-value.ts';

export const gemini: LogReader = {
  events(line) {
    switch (textAt(line, 'type') ?? '') {
      case 'init':
        return [{ kind: 'session', id: textAt(line, 'session_id') ?? '', model: textAt(line, 'model') }];
      case 'message':
        return messageEvents(line);
      case 'tool_use':
        return [{ kind: 'tool_call', tool: textAt(line, 'tool_name') ?? '', input: inputOf(valueAt(line, 'parameters')) }];
      case 'tool_result': {
        const failed = textAt(line, 'status') === 'error';
        const text = textAt(line, 'output') ?? textAt(line, 'error', 'message') ?? shown(valueAt(line, 'error') ?? '');
        return [{ kind: 'tool_result', failed, text }];
      }
      case 'error':
        return [{ kind: 'notice', text: textAt(line, 'message') ?? '' }];
      case 'result':
        return endEvents(line);
      default:
        return [];
    }
  },
  sessionLost: /Error resuming session:|Invalid session identifier/,
};

/** The prompt is among the messages; who gave it knows it. */
function messageEvents(line: unknown): readonly AgentEvent[] {
  if (textAt(line, 'role') !== 'assistant') return [];
  const text = textAt(line, 'content') ?? '';
  return [{ kind: valueAt(line, 'delta') === true ? 'text_part' : 'text', text }];
}

function endEvents(line: unknown): readonly AgentEvent[] {
  const failed = textAt(line, 'status') === 'error';
  const message = textAt(line, 'error', 'message');
  const facts = endFacts({
    durationMs: numberAt(line, 'stats', 'duration_ms'),
    inputTokens: numberAt(line, 'stats', 'input_tokens'),
    outputTokens: numberAt(line, 'stats', 'output_tokens'),
  });
  return [...(message === null ? [] : [{ kind: 'error' as const, text: message }]), { kind: 'end', failed, facts }];
}
