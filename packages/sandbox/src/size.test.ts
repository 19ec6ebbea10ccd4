import { expect, test } from 'vitest';
import { sizeBytes } from './size.ts';

test.each([
  ['0', 0],
  ['1024', 1024],
  ['1k', 1024],
  ['512m', 536_870_912],
  ['4 GiB', 4_294_967_296],
  ['1.5g', 1_610_612_736],
  ['2B', 2],
])('`%s` is %d bytes', (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each(['', 'much', '-1g', '4  g', '4.g', '.5g', '4gx'])('`%s` is no size', (text) => {
  expect(sizeBytes(text)).toBeNull();
});
