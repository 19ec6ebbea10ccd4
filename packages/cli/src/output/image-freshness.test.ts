import { expect, test } from 'vitest';
import { freshnessOf, usersOf } from './image-freshness.ts';

const users = new Map([
  ['localhost/l1:a', ['terok', 'demo']],
  ['localhost/l1:b', ['demo', 'other']],
]);

test.each([
  [['localhost/l1:a'], [], 'fresh', ['terok', 'demo']],
  [['localhost/l1:a', 'localhost/l1:b'], ['broken'], 'fresh', ['terok', 'demo', 'other']],
  [['localhost/l1:c'], [], 'stale', []],
  [[], [], 'stale', []],
  [['localhost/l1:c'], ['broken'], 'unknown', []],
])('an image named %j, while %j cannot be read, is %s', (references, unclear, freshness, names) => {
  expect(freshnessOf({ references }, { users, unclear })).toBe(freshness);
  expect(usersOf({ references }, { users, unclear })).toEqual(names);
});
