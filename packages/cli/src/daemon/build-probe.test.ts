import { withFileLock } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { memoryHost } from '../testing/memory-host.ts';
import { buildProbe } from './build-probe.ts';

const never = new AbortController().signal;

test("a build of somebody else keeps the house awake, what the daemon's own steps do does not", async () => {
  const host = await (await memoryHost()).host();
  const looks = () => Promise.all([2, 1].map((ownPid) => buildProbe(host, { ownPid }).look(never)));
  expect(await looks()).toEqual([[], []]);
  const lock = `${host.paths.images}/builds.lock`;
  const during = await withFileLock(host, lock, { purpose: 'building images' }, looks);
  expect(during).toEqual([['process 1 is building images'], []]);
  expect(await looks()).toEqual([[], []]);
});
