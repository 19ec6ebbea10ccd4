import { expect, test } from 'vitest';
import { formatBytes } from './byte-count.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [12_582_912, '12 MiB'],
  [1_073_741_823, '1 GiB'],
  [-5, '0 B'],
  [1024 ** 5 * 5000, '5000 PiB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
