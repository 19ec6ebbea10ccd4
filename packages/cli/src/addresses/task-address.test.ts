import { expect, test } from 'vitest';
import { taskAddress } from './task-address.ts';

test.each([
  ['demo', 'k3v8h', { projectId: 'demo', task: 'k3v8h' }],
  ['demo/k3', undefined, { projectId: 'demo', task: 'k3' }],
  ['demo/k3/x', undefined, { projectId: 'demo', task: 'k3/x' }],
  ['demo', undefined, { projectId: 'demo', task: null }],
  ['demo/', undefined, { projectId: 'demo', task: null }],
  [undefined, undefined, { projectId: null, task: null }],
])('%s %s', (first, second, expected) => expect(taskAddress(first, second)).toEqual(expected));

test('a task cannot be named twice', () =>
  expect(() => taskAddress('demo/k3', 'k4')).toThrow(expect.objectContaining({ code: 'TASK_NAMED_TWICE', exitCode: 2 })));
