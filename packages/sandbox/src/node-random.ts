import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from './host.ts';

/** Chance that nobody can foresee. */
export const cryptoRandom: Random = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
  integer: (limit) => randomInt(limit),
};
