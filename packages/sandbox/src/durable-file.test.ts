import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepCorruptCopy, readText } from './durable-file.ts';
import { fakeClock } from './testing/fake-clock.ts';
import { memoryFiles, PowerCut, reboot } from './testing/memory-files.ts';

const path = '/state/setup.json';

describe('text', () => {
  test('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const files = memoryFiles();
        await files.replace(path, text);
        expect(await readText(files, path, { maxBytes: 10_000 })).toBe(text);
      }),
    );
  });

  test('that is not there is null', async () => {
    expect(await readText(memoryFiles(), path, { maxBytes: 10 })).toBeNull();
  });

  test.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0x61, 0xc0, 0xaf]]])('that is not UTF-8 is refused: %j', async (bytes) => {
    await expect(readText(memoryFiles({ [path]: Uint8Array.from(bytes) }), path, { maxBytes: 10 })).rejects.toMatchObject({
      code: 'FILE_NOT_UTF8',
    });
  });

  test('that is longer than allowed is refused', async () => {
    await expect(readText(memoryFiles({ [path]: 'four' }), path, { maxBytes: 3 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });
});

describe('a damaged file', () => {
  test('is kept beside itself, under the time', async () => {
    const files = memoryFiles({ [path]: '{broken' });
    const copy = await keepCorruptCopy(files, fakeClock('2026-05-02T15:00:00.123Z'), path);
    expect(copy).toBe(`${path}.corrupt-20260502T150000123Z`);
    expect([files.text(copy), files.text(path)]).toEqual(['{broken', '{broken']);
  });

  test('is kept once, however often it is met', async () => {
    const files = memoryFiles({ [path]: '{broken' });
    const clock = fakeClock();
    const first = await keepCorruptCopy(files, clock, path);
    clock.advance(1000);
    expect(await keepCorruptCopy(files, clock, path)).toBe(first);
    expect(files.paths()).toEqual([path, first]);
  });

  test('leaves its last three kinds, also when the clock stands or goes back', async () => {
    const files = memoryFiles();
    const clock = fakeClock('2026-05-02T15:00:00Z');
    const copies: string[] = [];
    for (const [damage, wall] of [
      ['a', '2026-05-02T15:00:00Z'],
      ['b', '2026-05-02T15:00:01Z'],
      ['c', '2026-05-02T15:00:01Z'],
      ['d', '2026-05-02T15:00:02Z'],
      ['e', '2026-05-02T14:00:00Z'],
    ] as const) {
      clock.setWall(wall);
      await files.replace(path, damage);
      copies.push(await keepCorruptCopy(files, clock, path));
    }
    const kept = files.paths().filter((each) => each !== path);
    expect(kept).toHaveLength(3);
    expect(kept).toContain(copies.at(-1));
    expect(kept.map((each) => files.text(each) ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual(['c', 'd', 'e']);
  });

  test('that is gone meanwhile cannot be kept', async () => {
    await expect(keepCorruptCopy(memoryFiles(), fakeClock(), path)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });

  test('is never lost, wherever the power is cut', async () => {
    const before = { [path]: 'new damage', [`${path}.corrupt-1`]: 'x', [`${path}.corrupt-2`]: 'y', [`${path}.corrupt-3`]: 'z' };
    const uncut = memoryFiles(before);
    await keepCorruptCopy(uncut, fakeClock(), path);
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      await expect(keepCorruptCopy(disk, fakeClock(), path)).rejects.toThrow(PowerCut);
      const again = reboot(disk);
      expect(again.text(path)).toBe('new damage');
      const copy = await keepCorruptCopy(again, fakeClock(), path);
      expect(again.text(copy)).toBe('new damage');
      expect(again.paths().filter((each) => each.startsWith(`${path}.corrupt-`)).length).toBeLessThanOrEqual(3);
    }
  });
});
