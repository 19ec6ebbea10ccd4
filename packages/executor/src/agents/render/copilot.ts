/** GitHub Copilot, `--output-format json`. */
import type { AgentEvent, LogReader } from './agent-event.ts';
import { endFacts } from './end-facts.ts';
import { inputOf, numberAt, shown, textAt, valueAt } from './json-value.ts';

export const copilot: LogReader = {
  events(line) {
    const about = valueAt(line, 'data');
    switch (textAt(line, 'type') ?? '') {
      case 'assistant.message': {
        const text = textAt(about, 'content') ?? '';
        return text === '' ? [] : [{ kind: 'text', text }];
      }
      case 'tool.execution_start':
        return [{ kind: 'tool_call', tool: textAt(about, 'toolName') ?? '', input: inputOf(valueAt(about, 'arguments')) }];
      case 'tool.execution_complete': {
        const failed = valueAt(about, 'success') === false;
        const text = textAt(about, 'result', 'content') ?? textAt(about, 'error', 'message') ?? shown(valueAt(about, 'error') ?? '');
        return [{ kind: 'tool_result', failed, text: text.trim() }];
      }
      case 'assistant.turn_retry':
        return [{ kind: 'notice', text: `trying again: ${textAt(about, 'reason') ?? 'unknown'}` }];
      case 'session.error':
        return [{ kind: 'error', text: textAt(about, 'message') ?? 'unknown' }];
      case 'result':
        return endEvents(line);
      default:
        return [];
    }
  },
  sessionLost: /To pick from existing sessions:/,
};

function endEvents(line: unknown): readonly AgentEvent[] {
  const id = textAt(line, 'sessionId');
  const facts = endFacts({ durationMs: numberAt(line, 'usage', 'sessionDurationMs') });
  return [
    ...(id === null ? [] : [{ kind: 'session' as const, id, model: null }]),
    { kind: 'end', failed: (numberAt(line, 'exitCode') ?? 0) !== 0, facts },
  ];
}
