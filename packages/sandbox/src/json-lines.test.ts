import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendJsonLine, readJsonLines } from './json-lines.ts';
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from './testing/memory-files.ts';

const path = '/state/events.jsonl';

test('records come back in order', async () => {
  const files = memoryFiles();
  await appendJsonLine(files, path, { n: 1, text: 'line\nbreak' });
  await appendJsonLine(files, path, { n: 2 });
  expect(await readJsonLines(files, path)).toEqual({ records: [{ n: 1, text: 'line\nbreak' }, { n: 2 }], skipped: 0 });
  expect(await readJsonLines(files, '/none')).toEqual({ records: [], skipped: 0 });
});

test('a torn line is skipped and counted, and what follows it is read', async () => {
  const files = memoryFiles({ [path]: '{"n":1}\n{"n":2,"te' });
  await appendJsonLine(files, path, { n: 3 });
  expect(await readJsonLines(files, path)).toEqual({ records: [{ n: 1 }, { n: 3 }], skipped: 1 });
});

test('a file that would grow too large is turned over, and the last few are kept', async () => {
  const files = memoryFiles();
  for (let n = 0; n < 12; n++) await appendJsonLine(files, path, { n }, { maxBytes: 20, keep: 3 });
  expect(files.paths()).toEqual([path, `${path}.1`, `${path}.2`, `${path}.3`]);
  expect(await numbersIn(files)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
});

test('with none to keep, the file starts anew', async () => {
  const files = memoryFiles();
  for (let n = 0; n < 5; n++) await appendJsonLine(files, path, { n }, { maxBytes: 16, keep: 0 });
  expect([files.paths(), await numbersIn(files)]).toEqual([[path], [4]]);
});

test('one record larger than the limit is kept whole', async () => {
  const files = memoryFiles();
  await appendJsonLine(files, path, { text: 'x'.repeat(100) }, { maxBytes: 20 });
  expect((await readJsonLines(files, path)).records).toEqual([{ text: 'x'.repeat(100) }]);
});

test('no record is lost or doubled, wherever the power is cut', async () => {
  const options = { maxBytes: 20, keep: 3 };
  const before = memoryFiles();
  for (let n = 0; n < 8; n++) await appendJsonLine(before, path, { n }, options);
  const numbers = await numbersIn(before);
  const uncut = memoryFiles(before);
  await appendJsonLine(uncut, path, { n: 8 }, options);
  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const disk = memoryFiles(before, { cutAt });
    await expect(appendJsonLine(disk, path, { n: 8 }, options)).rejects.toThrow(PowerCut);
    const again = reboot(disk);
    const kept = await numbersIn(again);
    expect([numbers, numbers.slice(2), [...numbers, 8], [...numbers.slice(2), 8]]).toContainEqual(kept);
    await appendJsonLine(again, path, { n: 9 }, options);
    expect((await numbersIn(again)).at(-1)).toBe(9);
  }
});

test('what is read is the end of what was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), { maxLength: 20 }),
      fc.integer({ min: 20, max: 200 }),
      async (records, maxBytes) => {
        const files = memoryFiles();
        for (const record of records) await appendJsonLine(files, path, record, { maxBytes, keep: 100 });
        expect(await allRecords(files)).toEqual(JSON.parse(JSON.stringify(records)));
      },
    ),
  );
});

/** All files, oldest first. */
async function allRecords(files: MemoryFiles): Promise<readonly unknown[]> {
  const turned = files.paths().filter((each) => each.startsWith(`${path}.`));
  const oldestFirst = turned.toSorted((a, b) => Number(b.slice(path.length + 1)) - Number(a.slice(path.length + 1)));
  const reads = await Promise.all([...oldestFirst, path].map((each) => readJsonLines(files, each, { maxBytes: 1e6 })));
  return reads.flatMap(({ records }) => records);
}

async function numbersIn(files: MemoryFiles): Promise<readonly number[]> {
  return (await allRecords(files)).map((record) => (record as { n: number }).n);
}
