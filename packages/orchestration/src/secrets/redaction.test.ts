import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactedLines } from './redaction.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('wherever a log is cut, no secret is left in it', async () => {
  const secret = 'hunter2-and-more';
  const log = `one ${secret}\ntwo {"key":"${secret}"}\nlast ${secret}`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(log.length), { maxLength: 6 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), log.length];
      async function* chunks() {
        for (const [index, edge] of edges.slice(1).entries()) yield await Promise.resolve(bytes(log.slice(edges[index], edge)));
      }
      const kept = await Array.fromAsync(redactedLines(chunks(), [secret]), (part) => new TextDecoder().decode(part));
      expect(kept.join('')).toBe('one <redacted>\ntwo {"key":"<redacted>"}\nlast <redacted>');
    }),
  );
});
