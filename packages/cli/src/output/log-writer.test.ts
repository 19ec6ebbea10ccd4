import { expect, test } from 'vitest';
import { logWriter, type LogSink } from './log-writer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function sink(isTerminal: boolean): LogSink & { readonly said: () => string } {
  let said = '';
  return {
    isTerminal,
    text: async (text) => void (said += text),
    bytes: async (more) => void (said += new TextDecoder().decode(more)),
    said: () => said,
  };
}

const event = '{"type":"item.completed","item":{"type":"agent_message","text":"All is well."}}\n';

test.each([
  ['a terminal', true, 'codex', 'All is well.\n'],
  ['a pipe', false, 'codex', event],
  ['a terminal that wants it raw', true, 'plain', event],
] as const)('%s gets what it can use of an agent’s stream', async (_, isTerminal, format, expected) => {
  const [stdout, stderr] = [sink(isTerminal), sink(isTerminal)];
  const writer = logWriter({ stdout, stderr }, format);
  await writer.write({ stream: 'stdout', bytes: bytes(event.slice(0, 20)) });
  await writer.write({ stream: 'stdout', bytes: bytes(event.slice(20)) });
  await writer.write({ stream: 'stderr', bytes: bytes(event) });
  await writer.end();
  expect(stdout.said()).toBe(expected);
  expect(stderr.said()).toBe(event);
});
