import { executorErrors } from '@terok/executor';
import { defaultLifecycleState } from '@terok/lifecycle-daemon';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';
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

test('a host without podman is told of that, and of everything else', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const missing = () => Promise.reject(executorErrors.PODMAN_MISSING({ binary: 'podman' }));
  const engine = async () => {
    const real = await host.engine();
    return { ...real, podman: { ...real.podman, run: missing, attempt: missing }, runtime: { ...real.runtime, containers: missing } };
  };
  const shown = await session('doctor', { ...host, engine });
  expect(shown).toMatch(/^error +podman: .*podman is not installed/m);
  expect(shown).toMatch(/^warn +tasks: they could not be looked at: .*podman is not installed/m);
  expect(shown).toMatch(/^ok +lifecycle: [\s\S]*=> 2\n$/m);
});
