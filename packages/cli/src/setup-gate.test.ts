import { expect, test } from 'vitest';
import { judgeGate } from './setup-gate.ts';

const packages = [{ name: 'terok', stamped: '2.0.0', installed: '1.0.0' }];
const stay = { allowDowngrade: false };

test('lets work start where the stamp fits', () => expect(judgeGate({ verdict: 'ok' }, stay)).toBe(null));

test.each([
  [{ verdict: 'first_run' } as const, 3, 'SETUP_NEEDED'],
  [{ verdict: 'stamp_corrupt', reason: 'it is not JSON' } as const, 3, 'SETUP_STAMP_UNREADABLE'],
  [{ verdict: 'stale_after_downgrade', packages } as const, 4, 'DOWNGRADE_REFUSED'],
])('%j ends with %i', (check, exitCode, code) => expect(() => judgeGate(check, stay)).toThrow(expect.objectContaining({ code, exitCode })));

test('after an update it says so in one line and goes on', () => {
  const notice = judgeGate(
    { verdict: 'stale_after_update', packages: [{ name: '@terok/sandbox', stamped: null, installed: '1.1.0' }] },
    stay,
  );
  expect(notice).toBe('terok was updated since its setup (@terok/sandbox (new) → 1.1.0); run `terok setup` when convenient.');
});

test('a downgrade goes on when told to', () =>
  expect(judgeGate({ verdict: 'stale_after_downgrade', packages }, { allowDowngrade: true })).toContain('terok 2.0.0 → 1.0.0'));
