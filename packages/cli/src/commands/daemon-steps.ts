import { isSleepStepId, sleepStepIds, stepSlot, type SleepStep } from '@terok/lifecycle-daemon';
import { exitStatus, nearestName, printable } from '@terok/sandbox';
import { watchAttention } from '../attended/attention.ts';
import { askDaemon, askDaemonIfThere } from '../daemon/ask-daemon.ts';
import { knownSteps } from '../daemon/known-steps.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStepRunJson, DaemonStepsJson, DaemonStepsResetJson } from '../json/daemon-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import { formatDuration } from '../output/duration.ts';
import type { Column } from '../output/table.ts';

type Flags = { readonly json?: boolean };

const columns: readonly Column[] = [
  { heading: '#', align: 'right' },
  { heading: 'STEP' },
  { heading: 'DOES', shrinksTo: 20 },
  { heading: 'FAILURES', align: 'right' },
  { heading: 'NOT BEFORE' },
];

export async function runDaemonStepsList(invocation: Invocation, { json }: Flags): Promise<void> {
  const { engine, out } = invocation;
  const asked = await askDaemonIfThere(invocation, async (daemon) => (await daemon.request('status', {})).steps);
  const steps = asked === null ? await knownSteps(await engine()) : asked.of;
  if (json) {
    const told = steps.map(({ id, number, title, failures, until_ts: until }) => ({ step: id, number, title, failures, until }));
    return out.json({ steps: told } satisfies DaemonStepsJson);
  }
  await out.table({
    columns,
    rows: steps.map(({ id, number, title, failures, until_ts: until }) => [
      String(number),
      { text: printable(id), style: 'strong' },
      printable(title),
      failures === 0 ? '' : { text: String(failures), style: 'bad' },
      until === null ? '' : { text: printable(until), style: 'attention' },
    ]),
  });
}

/** Of the daemon where one runs, since only one step runs at a time; else here. Ends with 1 when the step failed, or could not do something. */
export async function runDaemonStepsRun(
  invocation: Invocation,
  { dryRun = false, json }: Flags & { readonly dryRun?: boolean },
  id: string,
): Promise<number> {
  const { out, note } = invocation;
  if (!isSleepStepId(id)) throw cliErrors.STEP_UNKNOWN({ step: id, nearest: nearestName(id, sleepStepIds), known: sleepStepIds });
  const asked = await askDaemonIfThere(invocation, (daemon) =>
    daemon.request('run-step', { id, dry_run: dryRun }, { deadlineMs: stepPatienceMs }),
  );
  const end = asked === null ? await runHere(invocation, id, dryRun) : asked.of;
  const { outcome, error, decisions, problems, duration_sec: seconds, bytes_reclaimed: bytes } = end;
  if (json) {
    await out.json({
      step: id,
      dry_run: dryRun,
      outcome,
      error,
      duration_s: seconds,
      bytes_reclaimed: bytes,
      decisions: decisions.map(({ subject, decision, reason, bytes: freed }) => ({
        subject,
        decision,
        reason,
        ...(freed === undefined ? {} : { bytes: freed }),
      })),
      problems: problems.map(({ subject, problem, fix }) => ({ subject, problem, ...(fix === undefined ? {} : { fix }) })),
    } satisfies DaemonStepRunJson);
  } else {
    for (const { subject, decision, reason, bytes: freed } of decisions)
      await out.line(printable(`${decision} ${subject}${freed === undefined ? '' : ` (${formatBytes(freed)})`}: ${reason}`));
    note.say(`${dryRun ? 'A dry run, nothing was changed' : 'Done'}: ${id}, ${formatDuration(seconds)}, ${formatBytes(bytes)} freed.`);
  }
  for (const { subject, problem, fix } of problems) {
    note.warn(printable(`${subject}: ${problem}`));
    if (fix !== undefined) note.hint(`\`${printable(fix)}\``);
  }
  if (error !== null) note.error(`The step ${id} ${outcome === 'timed_out' ? 'took too long' : outcome}: ${printable(error)}`);
  return outcome === 'completed' && problems.length === 0 ? exitStatus.ok : exitStatus.failure;
}

/** Longer than any step may take: the daemon ends one that takes longer than its time, and says so. */
const stepPatienceMs = 65 * 60_000;

type StepEnd = {
  readonly outcome: DaemonStepRunJson['outcome'];
  readonly error: string | null;
  readonly duration_sec: number;
  readonly bytes_reclaimed: number;
  readonly decisions: SleepDecisions;
  readonly problems: readonly { readonly subject: string; readonly problem: string; readonly fix?: string | undefined }[];
};
type SleepDecisions = readonly {
  readonly subject: string;
  readonly decision: string;
  readonly reason: string;
  readonly bytes?: number | undefined;
}[];

async function runHere({ engine, world, note }: Invocation, id: SleepStep['id'], dryRun: boolean): Promise<StepEnd> {
  const { daemonSteps } = await import('../daemon-steps/daemon-steps.ts');
  const ctx = await engine();
  const step = daemonSteps(ctx).find((each) => each.id === id);
  if (step === undefined) throw new Error(`the sleep step ${id} is not registered`);
  const attention = watchAttention(world, note);
  try {
    const signal = AbortSignal.any([attention.interrupt, attention.departure]);
    const end = await stepSlot(ctx.clock).run(step, { signal, dryRun });
    return {
      outcome: end.kind,
      error: 'error' in end ? end.error : null,
      duration_sec: Math.round(end.work.durationMs) / 1000,
      bytes_reclaimed: end.work.bytesReclaimed,
      decisions: end.work.decisions,
      problems: 'problems' in end ? end.problems : [],
    };
  } finally {
    attention.end();
  }
}

export async function runDaemonStepsReset(invocation: Invocation, { json }: Flags, id?: string): Promise<void> {
  const { out, note } = invocation;
  if (id !== undefined && !isSleepStepId(id))
    throw cliErrors.STEP_UNKNOWN({ step: id, nearest: nearestName(id, sleepStepIds), known: sleepStepIds });
  const { lifted } = await askDaemon(invocation, (daemon) => daemon.request('lift-quarantine', id === undefined ? {} : { id }));
  if (json) return out.json({ lifted } satisfies DaemonStepsResetJson);
  note.say(lifted.length === 0 ? 'No step was held back.' : `Tried again in the next sleep: ${lifted.map(printable).join(', ')}.`);
}
