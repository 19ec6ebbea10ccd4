import { defaultLifecycleState } from '@terok/lifecycle-daemon';
import { expect, test } from 'vitest';
import { lifecycleFinding, panicFinding, setupFinding } from './doctor.ts';

const packages = [{ name: 'terok', stamped: '1.0.0', installed: '2.0.0' }];

test.each([
  [{ verdict: 'ok' } as const, 'ok'],
  [{ verdict: 'first_run' } as const, 'error'],
  [{ verdict: 'stamp_corrupt', reason: 'it is not JSON' } as const, 'error'],
  [{ verdict: 'stale_after_update', packages } as const, 'warn'],
  [{ verdict: 'stale_after_downgrade', packages } as const, 'error'],
])('%j is a finding, with the command that mends it', (check, status) => {
  const finding = setupFinding(check);
  expect(finding.status).toBe(status);
  expect(finding.fix).toBe(status === 'ok' ? undefined : 'terok setup');
});

test('a damaged lifecycle state names what defaults stand in for', () => {
  const record = defaultLifecycleState(new Date('2026-01-01T00:00:00.000Z'));
  expect(lifecycleFinding({ record, recovered: [] }).status).toBe('ok');
  expect(lifecycleFinding({ record, recovered: ['current_state'] })).toMatchObject({
    status: 'warn',
    finding: expect.stringContaining('stand in for current_state') as string,
  });
});

test('a panic is an error that only a person ends', () => {
  expect(panicFinding({ kind: 'calm' }).status).toBe('ok');
  expect(panicFinding({ kind: 'panic', since: new Date('2026-01-01T00:00:00.000Z') })).toMatchObject({
    status: 'error',
    finding: expect.stringContaining('2026-01-01') as string,
    fix: 'terok panic clear',
  });
});
