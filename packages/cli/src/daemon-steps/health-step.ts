/** Step 7: the doctor's questions, asked while nobody looks. Changes nothing. */
import { doctorChecks, type DoctorFinding } from '@terok/executor';
import type { SleepStep } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { checkSetup } from '@terok/sandbox/setup-stamp';
import { setupFinding } from '../commands/doctor.ts';
import { frontEndVersions } from '../versions/versions.ts';
import { plannedStep } from './planned-step.ts';

/** What keeps terok from working is a problem; warnings are told to who asks the doctor, not every morning. */
export function healthStep(ctx: TaskContext, check: (ctx: TaskContext) => Promise<readonly DoctorFinding[]> = allFindings): SleepStep {
  return plannedStep({
    id: 'health',
    title: 'look at what terok needs of this host',
    async *plan() {
      for (const { id, status, finding, fix } of await check(ctx)) {
        yield { subject: id, decision: status, reason: finding };
        if (status === 'error') yield { subject: id, problem: finding, ...(fix === undefined ? {} : { fix }) };
      }
    },
  });
}

async function allFindings(ctx: TaskContext): Promise<readonly DoctorFinding[]> {
  return [setupFinding(checkSetup(ctx, frontEndVersions())), ...(await doctorChecks(ctx))];
}
