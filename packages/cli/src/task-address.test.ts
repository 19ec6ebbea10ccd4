import { expect, test } from 'vitest';
import { taskAddress } from './task-address.ts';

test.each([
  ['demo', 'k3v8h', { projectId: 'demo', task: 'k3v8h' }],
  ['demo/k3', undefined, { projectId: 'demo', task: 'k3' }],
  ['demo/k3/x', undefined, { projectId: 'demo', task: 'k3/x' }],
])('%s %s', (first, second, expected) => expect(taskAddress(first, second)).toEqual(expected));

test.each([
  ['demo', undefined, 'TASK_NOT_NAMED'],
  ['demo/', undefined, 'TASK_NOT_NAMED'],
  ['demo/k3', 'k4', 'TASK_NAMED_TWICE'],
])('%s %s is refused', (first, second, code) =>
  expect(() => taskAddress(first, second)).toThrow(expect.objectContaining({ code, exitCode: 2 })),
);
