import type { Random } from '../host.ts';

/** The same numbers for the same seed, on every machine (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    integer: (limit) => {
      if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`no whole number from 0 up to ${limit}`);
      return Math.floor((next() / 2 ** 32) * limit);
    },
  };
}
