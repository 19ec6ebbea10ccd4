import { doctorChecks, type DoctorFinding } from '@terok/executor';
import { loadLifecycleState, type LoadedLifecycleState } from '@terok/lifecycle-daemon';
import { printable } from '@terok/sandbox';
import { checkSetup, type SetupCheck } from '@terok/sandbox/setup-stamp';
import type { Invocation } from '../invocation.ts';
import type { DoctorJson } from '../json/doctor-json.ts';
import type { Style } from '../output/colour.ts';
import { movedText } from '../output/moved-text.ts';
import { frontEndVersions } from '../versions.ts';

const marks: Readonly<Record<DoctorFinding['status'], readonly [Style, string]>> = {
  ok: ['good', 'ok   '],
  warn: ['attention', 'warn '],
  error: ['bad', 'error'],
};

/** 0: all is well; 1: there are warnings; 2: something keeps terok from working. */
export async function runDoctor({ host, engine, out }: Invocation, { json }: { readonly json?: boolean }): Promise<number> {
  const ctx = await host();
  const findings = [
    setupFinding(checkSetup(ctx, frontEndVersions())),
    ...(await doctorChecks(await engine())),
    lifecycleFinding(await loadLifecycleState(ctx)),
  ];
  const exitCode = findings.some(({ status }) => status === 'error') ? 2 : findings.some(({ status }) => status === 'warn') ? 1 : 0;
  if (json) {
    await out.json({
      findings: findings.map(({ id, status, finding, fix }) => ({ id, status, finding, fix: fix ?? null })),
    } satisfies DoctorJson);
    return exitCode;
  }
  for (const { id, status, finding, fix } of findings) {
    const [style, mark] = marks[status];
    await out.line(`${out.paint(style, mark)}  ${id}: ${printable(finding)}`);
    if (fix !== undefined) await out.line(`       fix: ${out.paint('strong', printable(fix))}`);
  }
  return exitCode;
}

/** Pure: the setup stamp as a finding. */
export function setupFinding(check: SetupCheck): DoctorFinding {
  const setup = (status: DoctorFinding['status'], finding: string): DoctorFinding =>
    status === 'ok' ? { id: 'setup', status, finding } : { id: 'setup', status, finding, fix: 'terok setup' };
  switch (check.verdict) {
    case 'ok':
      return setup('ok', 'done for the installed versions');
    case 'first_run':
      return setup('error', 'never done on this machine');
    case 'stamp_corrupt':
      return setup('error', check.reason);
    case 'stale_after_update':
      return setup('warn', `done for older versions: ${movedText(check.packages)}`);
    case 'stale_after_downgrade':
      return setup('error', `done for newer versions: ${movedText(check.packages)}`);
  }
}

/** Pure: the state file of the lifecycle daemon as a finding. */
export function lifecycleFinding({ record, recovered }: LoadedLifecycleState): DoctorFinding {
  if (recovered.length === 0) return { id: 'lifecycle', status: 'ok', finding: `the recorded state is ${record.current_state}` };
  return { id: 'lifecycle', status: 'warn', finding: `the lifecycle state file is damaged; defaults stand in for ${recovered.join(', ')}` };
}
