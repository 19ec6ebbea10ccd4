/** Starts a container. Steps of other packages (network rules, sockets) run when it is made and nothing of the workload runs yet. */
import type { RunSpec } from './run-spec.ts';
import type { Runtime } from './runtime.ts';

/** Throws to refuse the launch: then nothing of the workload has run, and nothing of the container is left. */
export type LaunchStep = { readonly name: string; readonly run: (container: string) => Promise<void> };

/** `create` → `start`; with steps `create` → `init` → each step in order → `start`. Whatever fails after `create`, the container is removed. */
export async function launch(
  runtime: Pick<Runtime, 'create' | 'init' | 'start' | 'remove'>,
  spec: RunSpec,
  steps: readonly LaunchStep[] = [],
): Promise<void> {
  await runtime.create(spec);
  try {
    if (steps.length > 0) await runtime.init(spec.name);
    for (const step of steps) await step.run(spec.name);
    await runtime.start(spec.name);
  } catch (error) {
    await runtime.remove([spec.name]);
    throw error;
  }
}
