import { expect, test } from 'vitest';
import { installationId } from './installation-id.ts';
import { fakeClock } from './testing/fake-clock.ts';
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from './testing/memory-files.ts';
import { seededRandom } from './testing/seeded-random.ts';

const path = '/state/installation-id';
const on = (files: MemoryFiles, seed = 1) => ({ paths: { installationId: path }, files, clock: fakeClock(), random: seededRandom(seed) });

test('is made once and stays', async () => {
  const files = memoryFiles();
  const id = await installationId(on(files, 1));
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await installationId(on(files, 2))).toBe(id);
  expect(files.paths()).toEqual([path]);
});

test('is one, however many ask first at once', async () => {
  const files = memoryFiles();
  const ids = await Promise.all(Array.from({ length: 20 }, (_, seed) => installationId(on(files, seed))));
  expect(new Set(ids).size).toBe(1);
});

test('differs between installations', async () => {
  expect(await installationId(on(memoryFiles(), 1))).not.toBe(await installationId(on(memoryFiles(), 2)));
});

test.each(['', 'short', 'Z'.repeat(32), `${'a'.repeat(32)}b`])('is never made anew over a damaged one: %j', async (text) => {
  const files = memoryFiles({ [path]: text });
  await expect(installationId(on(files))).rejects.toMatchObject({ code: 'INSTALLATION_ID_CORRUPT' });
  expect(files.text(path)).toBe(text);
});

test('never changes once it was told, wherever the power is cut', async () => {
  const uncut = memoryFiles();
  await installationId(on(uncut, 1));
  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const disk = memoryFiles({}, { cutAt });
    await expect(installationId(on(disk, 1))).rejects.toThrow(PowerCut);
    const again = reboot(disk);
    const id = await installationId(on(again, 2));
    expect(await installationId(on(again, 3))).toBe(id);
  }
});
