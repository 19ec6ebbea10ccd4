/**
 * What the daemon is told of containers: any of ours that runs keeps the house awake, and the start or the end of a task's is news. One that only
 * looks into a workspace is none: the sleep steps themselves run such containers, and must not be woken by them.
 */
import { installationLabels, labelNames, type ContainerEvent, type ContainerState } from '@terok/executor';
import type { Probe, ProbeChange } from '@terok/lifecycle-daemon';
import { CONTAINER_MODES, projectErrors, type TaskContext } from '@terok/orchestration';
import { printable } from '@terok/sandbox';

const atRest: ReadonlySet<ContainerState> = new Set(['created', 'initialized', 'exited', 'dead', 'removing']);

export function containerProbe({ runtime, installationId }: Pick<TaskContext, 'runtime' | 'installationId'>): Probe {
  const ours = installationLabels(installationId);
  return {
    id: 'containers',
    async look() {
      const rows = await runtime.containers(ours);
      if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
      return rows.filter(({ state }) => !atRest.has(state)).map(({ name, labels, state }) => `${subjectOf(name, labels)} is ${state}`);
    },
    async watch(onChange, signal) {
      for await (const event of runtime.events(ours, { signal })) {
        const kind = changeOf(event);
        if (kind !== null) onChange({ kind, subject: subjectOf(event.name, event.labels) });
      }
    },
  };
}

function changeOf({ status, labels }: ContainerEvent): ProbeChange['kind'] | null {
  if (!isTask(labels)) return null;
  if (status === 'start') return 'started';
  return status === 'died' ? 'ended' : null;
}

function isTask(labels: ContainerEvent['labels']): boolean {
  return labels[labelNames.task] !== undefined && CONTAINER_MODES.some((mode) => mode === labels[labelNames.mode]);
}

function subjectOf(name: string, labels: ContainerEvent['labels']): string {
  const [project, task] = [labels[labelNames.project], labels[labelNames.task]];
  return printable(isTask(labels) ? `task ${project}/${task}` : `container ${name}`);
}
