/** Claude Code, `--output-format stream-json`. */
import type { AgentEvent, LogReader } from './agent-event.ts';
import { endFacts } from './end-facts.ts';
import { inputOf, listAt, numberAt, shown, textAt, valueAt } from './json-value.ts';

export const claudeStreamJson: LogReader = {
  events(line) {
    switch (textAt(line, 'type') ?? '') {
      case 'system':
        return systemEvents(line);
      case 'assistant':
        return listAt(line, 'message', 'content').flatMap(blockEvents);
      case 'user':
        return listAt(line, 'message', 'content').flatMap(resultEvents);
      case 'result':
        return resultEnd(line);
      default:
        return [];
    }
  },
  sessionLost: /No conversation found with session ID/,
};

function systemEvents(line: unknown): readonly AgentEvent[] {
  const subtype = textAt(line, 'subtype');
  if (subtype === 'init') return [{ kind: 'session', id: textAt(line, 'session_id') ?? '', model: textAt(line, 'model') }];
  if (subtype !== 'api_retry') return [];
  const status = numberAt(line, 'error_status');
  const why = [status === null ? '' : `${status}`, textAt(line, 'error') ?? ''].filter((part) => part !== '').join(' ');
  return [{ kind: 'notice', text: `trying again (${numberAt(line, 'attempt') ?? '?'}/${numberAt(line, 'max_retries') ?? '?'}): ${why}` }];
}

function blockEvents(block: unknown): readonly AgentEvent[] {
  const text = textAt(block, 'text');
  if (textAt(block, 'type') === 'text' && text !== null) return [{ kind: 'text', text }];
  if (textAt(block, 'type') !== 'tool_use') return [];
  return [{ kind: 'tool_call', tool: textAt(block, 'name') ?? '', input: inputOf(valueAt(block, 'input')) }];
}

function resultEvents(block: unknown): readonly AgentEvent[] {
  if (textAt(block, 'type') !== 'tool_result') return [];
  const content = valueAt(block, 'content');
  const text = Array.isArray(content) ? content.flatMap((part: unknown) => textAt(part, 'text') ?? []).join('') : shown(content ?? '');
  return [{ kind: 'tool_result', failed: valueAt(block, 'is_error') === true, text }];
}

function resultEnd(line: unknown): readonly AgentEvent[] {
  const subtype = textAt(line, 'subtype');
  const failed = valueAt(line, 'is_error') === true || (subtype !== null && subtype !== 'success');
  const errors = listAt(line, 'errors').map((each) => ({ kind: 'error' as const, text: shown(each) }));
  const facts = endFacts({
    turns: numberAt(line, 'num_turns'),
    costUsd: numberAt(line, 'total_cost_usd') ?? numberAt(line, 'cost_usd'),
    durationMs: numberAt(line, 'duration_ms'),
    inputTokens: numberAt(line, 'usage', 'input_tokens'),
    outputTokens: numberAt(line, 'usage', 'output_tokens'),
  });
  return [...errors, { kind: 'end', failed, facts: failed && subtype !== null && subtype !== 'success' ? [subtype, ...facts] : facts }];
}
