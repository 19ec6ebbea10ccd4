import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { stripControl } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { logFormats, type LogFormat } from '../agent-file.ts';
import { renderLog } from './render-log.ts';
import { sessionWatch } from './session-watch.ts';

/** As the programs printed it against a model of ours, less the long lists of their tools. */
const recorded = (name: string) => new Uint8Array(readFileSync(new URL(`../../../test/agents/${name}.jsonl`, import.meta.url)));
const bytes = (text: string) => new TextEncoder().encode(text);
const rendered = (format: LogFormat, ...pieces: readonly Uint8Array[]) => {
  const log = renderLog(format);
  return pieces.map((piece) => log.push(piece)).join('') + log.end();
};

const streams = [
  ['claude', 'claude-stream-json'],
  ['codex', 'codex'],
  ['opencode', 'opencode'],
  ['copilot', 'copilot'],
  ['gemini', 'gemini'],
] as const;

test.each(streams)('what %s did reads like a report', (name, format) => {
  expect(rendered(format, recorded(name))).toMatchSnapshot();
});

test.each(streams)('why %s failed is said in words', (name, format) => {
  expect(rendered(format, recorded(`${name}-401`))).toMatchSnapshot();
});

test.each(streams)('wherever the output of %s is cut, the text is the same', (name, format) => {
  const whole = recorded(name);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const pieces = edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
      expect(rendered(format, ...pieces)).toBe(rendered(format, whole));
    }),
    { numRuns: 50 },
  );
});

test('nothing that an agent prints breaks a reader, or commands a terminal', () => {
  const types = [
    ...['system', 'assistant', 'user', 'result', 'thread.started', 'item.started', 'item.completed', 'turn.failed', 'text', 'tool_use'],
    ...['step_finish', 'error', 'assistant.message', 'tool.execution_start', 'tool.execution_complete', 'init', 'message', 'tool_result'],
  ];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.double(),
      fc.boolean(),
      fc.constantFrom('text', 'tool_use', '\u001B[31m', '\u001B]0;x\u0007', 'assistant', '‮x', '__proto__'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'type',
          'message',
          'content',
          'item',
          'part',
          'data',
          'text',
          'state',
          'input',
          'error',
          'usage',
          'role',
          'delta',
          '__proto__',
        ),
        tie('any'),
        { maxKeys: 5 },
      ),
    ),
  })).any;
  const line = fc.oneof(
    fc.tuple(fc.constantFrom(...types), value).map(([type, rest]) => JSON.stringify(Object.assign({}, rest, { type }))),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...logFormats), fc.array(line, { maxLength: 5 }), (format, lines) => {
      const text = rendered(format, bytes(lines.join('\n')));
      expect(text).toBe(stripControl(text));
    }),
    { numRuns: 1000 },
  );
});

test('a line that is no JSON is printed as it is, leading blanks included', () => {
  expect(rendered('codex', bytes('  warning: {x}\n{not json\n'))).toBe('  warning: {x}\n{not json\n');
});

test('text that comes in parts stands on one line, and what follows on the next', () => {
  const part = (content: string) => `${JSON.stringify({ type: 'message', role: 'assistant', content, delta: true })}\n`;
  expect(rendered('gemini', bytes(`${part('one ')}${part('two')}${JSON.stringify({ type: 'result', status: 'success' })}\n`))).toBe(
    'one two\n· finished\n',
  );
});

test('long results and values are cut, by whole characters', () => {
  const result = JSON.stringify({ type: 'tool_result', status: 'success', output: '😀'.repeat(400) });
  const text = rendered('gemini', bytes(`${result}\n`));
  expect(text.length).toBeLessThan(520);
  expect(text.isWellFormed()).toBe(true);
  expect(text).toMatch(/…\n$/);
});

test.each([
  ['claude', 'claude-stream-json', '044ba709-18b4-49e0-8dc3-57dbb97f8626'],
  ['codex', 'codex', '01a1fe25-3726-7df0-ad4c-a1bb03be0fc3'],
  ['opencode', 'opencode', 'ses_e01dcee94ffebrXdkGJRAQEhTi'],
  ['copilot', 'copilot', '3f9ad6c5-cb16-4a27-bd5f-0c4e9e104906'],
  ['gemini', 'gemini', '3f9ad6c5-cb16-4a27-bd5f-0c4e9e104906'],
] as const)('the session of %s is learned from its output', (name, format, id) => {
  const watch = sessionWatch(format);
  watch.sees({ stream: 'stdout', bytes: recorded(name) });
  expect(watch.found()).toEqual({ sessionId: id, lost: false });
});

/** As each of them says it on standard error, or in plain text, when it is told to go on with a session of another machine. */
test.each([
  ['claude-stream-json', 'No conversation found with session ID: 135c0d75-0455-49c4-bea6-dc85a43dc6ee'],
  [
    'codex',
    'Error: thread/resume: thread/resume failed: no rollout found for thread id 135c0d75-0455-49c4-bea6-dc85a43dc6ee (code -32600)',
  ],
  ['opencode', '\u001B[91m\u001B[1mError: \u001B[0mSession not found'],
  ['copilot', 'To pick from existing sessions:   copilot --resume'],
  ['gemini', 'Error resuming session: No previous sessions found for this project.'],
] as const)('%s: a session that is lost is told from other failures', (format, said) => {
  const watch = sessionWatch(format);
  watch.sees({ stream: 'stderr', bytes: bytes('some other trouble\n') });
  expect(watch.found().lost).toBe(false);
  watch.sees({ stream: 'stderr', bytes: bytes(`${said}\n`) });
  expect(watch.found().lost).toBe(true);
});

test('an agent cannot name a session that would be a flag', () => {
  const watch = sessionWatch('codex');
  watch.sees({ stream: 'stdout', bytes: bytes('{"type":"thread.started","thread_id":"--dangerous"}\n') });
  expect(watch.found().sessionId).toBeNull();
});
