import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutTimes } from './timed-log.ts';

const kept = [
  '2026-08-20T12:00:00.000000001+00:00 one\n',
  // Written in three pieces; the moment that the program itself tells is an earlier one.
  '2026-08-20T12:00:02.000000000+00:00 {"at":"2026-08-20T12:00:01.5Z 2026-08-20T12:00:03.000000000+00:00 ","b":2026-08-20T12:00:03.000000000+00:00 1}\n',
  '2026-08-20T12:00:04.000000000+00:00 \n',
  '2026-08-20T12:00:04.000000000+00:00 the same moment: é\n',
  'Error: what podman said of itself\n',
  '2026-08-20T12:00:05.000000000+00:00 no end',
].join('');
const plain = 'one\n{"at":"2026-08-20T12:00:01.5Z ","b":1}\n\nthe same moment: é\nno end';

test('a log that was kept with times reads as it was printed, wherever it is cut', async () => {
  const bytes = Buffer.from(kept);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 6 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      async function* pieces() {
        for (const [index, edge] of edges.slice(1).entries()) yield await Promise.resolve(bytes.subarray(edges[index], edge));
      }
      expect(Buffer.concat(await Array.fromAsync(withoutTimes(pieces()))).toString()).toBe(plain);
    }),
  );
});

test('a log of nothing is nothing', async () => {
  expect(await Array.fromAsync(withoutTimes((async function* () {})()))).toEqual([]);
});
