import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathSegment } from './path-segment.ts';
import { TerokError } from './terok-error.ts';

test.each(['demo', 'k3v8h', '.hidden', 'with blank', 'ünïcödé', '-dash', 'a..b', 'x'.repeat(255)])('%j is a name', (text) => {
  expect(pathSegment('task', text)).toBe(text);
});

test.each([
  '',
  '.',
  '..',
  '...',
  '..x',
  'a/b',
  '/abs',
  'a\\b',
  'nul\0',
  'line\nbreak',
  '\u001b[1m',
  '\u0085',
  '\ud800',
  'x'.repeat(256),
  'é'.repeat(128),
])('%j is none', (text) => {
  expect(() => pathSegment('task', text)).toThrow(expect.objectContaining({ code: 'PATH_SEGMENT_UNSAFE', exitCode: 2 }));
});

test('the message names the kind and shows the text without its controls', () => {
  expect(() => pathSegment('project', '\u001b[31m../x')).toThrow('`../x` cannot be the name of a project: it holds a slash.');
});

test('whatever passes stays one step below its directory', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '\0') })), (text) => {
      const segment = attempt(text);
      if (segment instanceof TerokError) return;
      expect(join('/base', segment)).toBe(`/base/${text}`);
      expect(join('/base', segment).split('/')).toHaveLength(3);
    }),
    { numRuns: 1000 },
  );
});

function attempt(text: string): string | TerokError {
  try {
    return pathSegment('task', text);
  } catch (error) {
    if (error instanceof TerokError) return error;
    throw error;
  }
}
