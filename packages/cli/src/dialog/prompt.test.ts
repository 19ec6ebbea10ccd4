import { expect, test } from 'vitest';
import { promptMaxBytes, readPrompt } from './prompt.ts';

async function* pieces(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === 'string' ? new TextEncoder().encode(part) : part;
}

function failing(code: string): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(Object.assign(new Error(`${code}: open`), { code })) }),
  };
}

function world(input: AsyncIterable<Uint8Array>) {
  return { readFile: () => input, stdin: { isTerminal: false, chunks: () => input, line: () => Promise.resolve(null) } };
}

test.each([
  ['the command line', { prompt: 'do\nit' }, 'do\nit'],
  ['a file', { promptFile: 'fix.sh' }, 'mañana'],
  ['the standard input', { promptFile: '-' }, 'mañana'],
])('reads a prompt from %s', async (_, source, expected) => {
  expect(await readPrompt(source, world(pieces('ma', new Uint8Array([0xc3]), new Uint8Array([0xb1]), 'ana')))).toBe(expected);
});

test.each([
  ['none at all', {}, pieces(), 'PROMPT_MISSING'],
  ['two at once', { prompt: 'a', promptFile: 'b' }, pieces(), 'PROMPT_GIVEN_TWICE'],
  ['a missing file', { promptFile: 'b' }, failing('ENOENT'), 'PROMPT_FILE_MISSING'],
  ['a directory', { promptFile: 'b' }, failing('EISDIR'), 'PROMPT_FILE_UNREADABLE'],
  ['a file of somebody else', { promptFile: 'b' }, failing('EACCES'), 'PROMPT_FILE_UNREADABLE'],
  ['bytes that are no text', { promptFile: 'b' }, pieces(new Uint8Array([0xff, 0xfe])), 'PROMPT_NOT_UTF8'],
  ['more than the bound', { promptFile: '-' }, pieces('x'.repeat(promptMaxBytes), 'x'), 'PROMPT_FILE_TOO_LARGE'],
])('refuses %s', async (_, source, input, code) => {
  await expect(readPrompt(source, world(input))).rejects.toThrow(expect.objectContaining({ code, exitCode: 2 }));
});
