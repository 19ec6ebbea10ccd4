/** What the doctor finds among tasks, as acts of a sleep step: each repair is the one that `doctor --fix` makes. */
import type { StepProblem } from '@terok/lifecycle-daemon';
import { projectErrors, repairTask, taskFindings, type TaskContext, type TaskFinding, type TaskRepair } from '@terok/orchestration';
import type { PlannedAct } from './planned-step.ts';

/** Throws CONTAINERS_UNKNOWN: without podman's word half of the questions are open. */
export async function knownFindings(ctx: TaskContext): Promise<readonly TaskFinding[]> {
  const findings = await taskFindings(ctx);
  if (findings.some(({ id }) => id === 'containers')) throw projectErrors.CONTAINERS_UNKNOWN({});
  return findings.filter(({ status }) => status !== 'ok');
}

/** Null where nothing of ours can mend it. */
export function repairAct(ctx: TaskContext, { finding, repair }: TaskFinding): PlannedAct | null {
  if (repair === undefined) return null;
  return { subject: subjectOf(repair), decision: verbs[repair.kind], reason: finding, act: () => repairTask(ctx, repair) };
}

const verbs: Readonly<Record<TaskRepair['kind'], string>> = {
  reconcile: 'record',
  delete_task: 'archive and remove',
  archive_orphan: 'archive and remove',
  forget_restore: 'take back',
  remove_container: 'remove',
  remove_folder: 'remove',
  remove_file: 'remove',
};

function subjectOf(repair: TaskRepair): string {
  switch (repair.kind) {
    case 'reconcile':
    case 'delete_task':
    case 'archive_orphan':
    case 'forget_restore':
      return `task ${repair.projectId}/${repair.taskId}`;
    case 'remove_container':
      return `container ${repair.name}`;
    case 'remove_folder':
      return `folder ${repair.path}`;
    case 'remove_file':
      return `file ${repair.path}`;
  }
}

export function findingProblem({ finding, fix, repair }: TaskFinding): StepProblem {
  return { subject: repair === undefined ? 'tasks' : subjectOf(repair), problem: finding, ...(fix === undefined ? {} : { fix }) };
}
