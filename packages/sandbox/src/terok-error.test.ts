import { describe, expect, test } from 'vitest';
import { sandboxErrors } from './errors.ts';
import { defineErrors, exitStatus, TerokError } from './terok-error.ts';

const errors = defineErrors({
  TASK_NOT_FOUND: {
    message: (p: { project: string; id: string }) => `Project \`${p.project}\` has no task \`${p.id}\`.`,
    hint: (p) => `List its tasks with \`terok task list ${p.project}\`.`,
    exitCode: exitStatus.usage,
  },
  PLAIN: { message: () => 'It did not work.', hint: 'Try again.' },
  BARE: { message: (p: { why: string }) => p.why },
});

test('an error says what happened, what to do, and how the program ends', () => {
  const cause = new Error('below');
  const error = errors.TASK_NOT_FOUND({ project: 'demo', id: 'k3v8h' }, cause);
  expect(error).toBeInstanceOf(TerokError);
  expect(error).toMatchObject({
    name: 'TerokError',
    code: 'TASK_NOT_FOUND',
    message: 'Project `demo` has no task `k3v8h`.',
    hint: 'List its tasks with `terok task list demo`.',
    exitCode: 2,
    cause,
  });
});

test('what a row leaves out is left out', () => {
  expect(errors.PLAIN({})).toMatchObject({ hint: 'Try again.', exitCode: 1 });
  expect(errors.BARE({ why: 'so' })).toMatchObject({ message: 'so', hint: undefined });
  expect('cause' in errors.PLAIN({})).toBe(false);
});

describe('every error of this package', () => {
  const params = {
    path: '/p',
    kind: 'directory',
    maxBytes: 5,
    attempt: 'read',
    reason: 'why',
    text: 't',
    from: 'HOME',
    at: '/f:1:1',
    problem: 'p',
    near: undefined,
    purpose: 'x',
    waitedMs: 1000,
    holder: 'y',
  };

  test.each(Object.entries(sandboxErrors))('%s is a sentence under a permanent name', (code, make: (p: never) => TerokError) => {
    const error = make(params as never);
    expect(error.code).toBe(code);
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(`${error.message} ${error.hint ?? ''}`).not.toMatch(/undefined|\[object/);
    expect(error.message).toMatch(/^(?:[A-Z`]|\/f:1:1: )/);
  });
});
