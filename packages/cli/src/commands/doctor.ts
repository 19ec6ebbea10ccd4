import { doctorChecks, type DoctorFinding, type ExecutorContext } from '@terok/executor';
import { loadLifecycleState, type LoadedLifecycleState } from '@terok/lifecycle-daemon';
import { panicState, repairTask, taskFindings, type PanicState } from '@terok/orchestration';
import { formatInstant, printable, TerokError } from '@terok/sandbox';
import { checkSetup, type SetupCheck } from '@terok/sandbox/setup-stamp';
import type { Invocation } from '../invocation.ts';
import type { DoctorJson } from '../json/doctor-json.ts';
import type { Style } from '../output/colour.ts';
import { movedText } from '../output/moved-text.ts';
import { frontEndVersions } from '../versions/versions.ts';
import { runSetup } from './setup.ts';

const marks: Readonly<Record<DoctorFinding['status'], readonly [Style, string]>> = {
  ok: ['good', 'ok   '],
  warn: ['attention', 'warn '],
  error: ['bad', 'error'],
};

/** What is, and how terok mends it itself where it can. */
type Finding = DoctorFinding & { readonly mend?: () => Promise<void> };

export type DoctorFlags = { readonly fix?: boolean; readonly json?: boolean };

/** 0: all is well; 1: there are warnings; 2: something keeps terok from working. */
export async function runDoctor(invocation: Invocation, { fix, json }: DoctorFlags): Promise<number> {
  const before = await findingsOf(invocation);
  const findings = fix && (await mended(invocation, before)) ? await findingsOf(invocation) : before;
  const exitCode = findings.some(({ status }) => status === 'error') ? 2 : findings.some(({ status }) => status === 'warn') ? 1 : 0;
  if (json) await invocation.out.json(doctorJson(findings));
  else await printFindings(invocation, findings);
  return exitCode;
}

/** The engine is opened anew each time: mending may have changed what it is. */
async function findingsOf(invocation: Invocation): Promise<readonly Finding[]> {
  const ctx = await invocation.host();
  const engine = await invocation.world.openEngine(ctx);
  const setUp = () => runSetup(invocation, { images: true });
  const found: readonly Finding[] = [
    setupFinding(checkSetup(ctx, frontEndVersions())),
    ...(await doctorChecks(engine)),
    ...(await findingsOfTasks(engine)),
    panicFinding(await panicState(engine)),
    lifecycleFinding(await loadLifecycleState(ctx)),
  ];
  return found.map((finding) => (finding.fix === setupCommand ? { ...finding, mend: setUp } : finding));
}

/** Where there is no podman, nothing can be said of tasks, and all the more of the rest. */
async function findingsOfTasks(engine: ExecutorContext): Promise<readonly Finding[]> {
  try {
    return (await taskFindings(engine)).map(({ repair, ...finding }) =>
      repair === undefined ? finding : { ...finding, mend: () => repairTask(engine, repair) },
    );
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return [{ id: 'tasks', status: 'warn', finding: `they could not be looked at: ${error.message}` }];
  }
}

/** Setting up mends every finding that wants it at once; what is the host's is left to the person. What cannot be mended is told, and the rest goes on. True when something was done. */
async function mended({ note }: Invocation, findings: readonly Finding[]): Promise<boolean> {
  const wanted = findings.filter(({ status, mend }) => status !== 'ok' && mend !== undefined);
  const setups = wanted.filter(({ fix }) => fix === setupCommand).slice(0, 1);
  for (const { finding, fix, mend } of [...setups, ...wanted.filter((each) => each.fix !== setupCommand)]) {
    note.say(`Mending: ${fix === setupCommand ? setupCommand : printable(finding)}`);
    try {
      await mend?.();
    } catch (error) {
      if (!(error instanceof TerokError)) throw error;
      note.error(error.message);
    }
  }
  return wanted.length > 0;
}

async function printFindings({ out }: Invocation, findings: readonly Finding[]): Promise<void> {
  for (const { id, status, finding, fix } of findings) {
    const [style, mark] = marks[status];
    await out.line(`${out.paint(style, mark)}  ${id}: ${printable(finding)}`);
    if (fix !== undefined) await out.line(`       fix: ${out.paint('strong', printable(fix))}`);
  }
}

function doctorJson(findings: readonly Finding[]): DoctorJson {
  return { findings: findings.map(({ id, status, finding, fix }) => ({ id, status, finding, fix: fix ?? null })) };
}

const setupCommand = 'terok setup';

/** Pure: whether somebody has pulled the brake. */
export function panicFinding(state: PanicState): DoctorFinding {
  if (state.kind === 'calm') return { id: 'panic', status: 'ok', finding: 'tasks may be started' };
  const since = state.since === null ? '' : ` since ${formatInstant(state.since)}`;
  return { id: 'panic', status: 'error', finding: `there is a panic${since}: no task starts`, fix: 'terok panic clear' };
}

/** Pure: the setup stamp as a finding. */
export function setupFinding(check: SetupCheck): DoctorFinding {
  const setup = (status: DoctorFinding['status'], finding: string): DoctorFinding =>
    status === 'ok' ? { id: 'setup', status, finding } : { id: 'setup', status, finding, fix: setupCommand };
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
