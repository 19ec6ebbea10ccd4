import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from './host.ts';

export const cryptoRandom: Random = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
  integer: (limit) => randomInt(limit),
};
