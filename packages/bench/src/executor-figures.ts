/** Containers of terok's against the same calls of podman by hand. */
import { randomUUID } from 'node:crypto';
import {
  createArgs,
  executorContext,
  installationLabels,
  launch,
  type EngineProfile,
  type ExecutorContext,
  type Processes,
  type RunSpec,
} from '@terok/executor';
import type { SandboxContext } from '@terok/sandbox';
import { firstOutput, run } from './executor-podman.ts';
import { quantile, timesMs } from './executor-series.ts';
import type { Figure } from './figure.ts';

export type Bench = {
  readonly sandbox: SandboxContext;
  readonly ctx: ExecutorContext;
  readonly engine: EngineProfile;
  readonly image: string;
};

const specOf = ({ ctx, image }: Bench, script: string): RunSpec => ({
  name: `terok-bench-${randomUUID()}`,
  image,
  labels: installationLabels(ctx.installationId),
  command: ['/bin/bash', '-c', script],
  environment: {},
  mounts: [],
  network: 'none',
  rootFilesystem: 'read_only',
  limits: { memory: '256m', cpus: '1', pids: 64 },
  timeoutSeconds: 300,
  stopGraceSeconds: 10,
  logMaxSize: '1m',
});

const speaks = 'echo ready; exec sleep 300';

async function launchByHand({ ctx, engine }: Bench, spec: RunSpec): Promise<void> {
  await run(ctx.podman.commandLine(createArgs(spec, engine)));
  await run(ctx.podman.commandLine(['start', '--', spec.name]));
}

async function firstLog({ ctx }: Bench, name: string): Promise<void> {
  const seen = new AbortController();
  for await (const { bytes } of ctx.runtime.logs(name, { follow: true, signal: seen.signal })) if (bytes.length > 0) break;
  seen.abort();
}

async function removeAll({ ctx }: Bench, specs: readonly RunSpec[]): Promise<void> {
  const failed = (await ctx.runtime.remove(specs.map(({ name }) => name))).filter(({ removed }) => !removed);
  if (failed.length > 0) throw new Error(`not removed: ${failed.map(({ name, error }) => `${name}: ${error}`).join('; ')}`);
}

/** Launch → first output, and one raw `podman run` beside it. */
export async function launchFigures(bench: Bench, rounds: number): Promise<readonly Figure[]> {
  const { ctx, image } = bench;
  const taken = await timesMs(rounds, {
    terok: async (timed) => {
      const spec = specOf(bench, speaks);
      try {
        await timed(async () => {
          await launch(ctx.runtime, spec);
          await firstLog(bench, spec.name);
        });
      } finally {
        await removeAll(bench, [spec]);
      }
    },
    byHand: async (timed) => {
      const spec = specOf(bench, speaks);
      try {
        await timed(async () => {
          await launchByHand(bench, spec);
          await firstOutput(ctx.podman.commandLine(['logs', '--follow', '--', spec.name]));
        });
      } finally {
        await removeAll(bench, [spec]);
      }
    },
    raw: async (timed) => {
      const spec = specOf(bench, speaks);
      // Nothing but what podman cannot do without on this host.
      const ulimits = bench.engine.ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`);
      const words = ['run', `--name=${spec.name}`, '--network=none', '--pull=never', ...ulimits, '--', image, '/bin/bash', '-c', speaks];
      try {
        await timed(() => firstOutput(ctx.podman.commandLine(words)));
      } finally {
        await removeAll(bench, [spec]);
      }
    },
  });
  const [terok, byHand, raw] = [quantile(taken.terok, 0.5), quantile(taken.byHand, 0.5), quantile(taken.raw, 0.5)];
  const name = `launch to first output, median of ${rounds}`;
  return [
    {
      name,
      against: 'the same podman calls by hand',
      ms: terok,
      againstMs: byHand,
      limit: 'at most 1.25 ×',
      within: terok <= 1.25 * byHand,
    },
    { name, against: 'one raw `podman run`', ms: terok, againstMs: raw, limit: 'no limit', within: true },
  ];
}

/** How long a task that sleeps takes to stop. */
export async function stopFigure(bench: Bench, rounds: number): Promise<Figure> {
  const stopped = (stop: (name: string) => Promise<void>) => async (timed: (work: () => Promise<void>) => Promise<void>) => {
    const spec = specOf(bench, speaks);
    try {
      await launch(bench.ctx.runtime, spec);
      await firstLog(bench, spec.name);
      await timed(() => stop(spec.name));
    } finally {
      await removeAll(bench, [spec]);
    }
  };
  const taken = await timesMs(rounds, {
    terok: stopped((name) => bench.ctx.runtime.stop(name, { graceSeconds: 10 })),
    byHand: stopped((name) => run(bench.ctx.podman.commandLine(['stop', '--time=10', '--', name]))),
  });
  const [terok, byHand] = [quantile(taken.terok, 0.95), quantile(taken.byHand, 0.95)];
  const name = `stop of a sleeping task, p95 of ${rounds}`;
  return { name, against: '`podman stop` by hand', ms: terok, againstMs: byHand, limit: 'at most 500 ms', within: terok <= 500 };
}

/** So many at once until all run. */
export async function togetherFigure(bench: Bench, count: number, rounds: number): Promise<Figure> {
  const together = (start: (spec: RunSpec) => Promise<void>) => async (timed: (work: () => Promise<void>) => Promise<void>) => {
    const specs = Array.from({ length: count }, () => specOf(bench, speaks));
    try {
      await timed(async () => {
        await Promise.all(specs.map(start));
      });
    } finally {
      await removeAll(bench, specs);
    }
  };
  const taken = await timesMs(rounds, {
    terok: together((spec) => launch(bench.ctx.runtime, spec)),
    byHand: together((spec) => launchByHand(bench, spec)),
  });
  const [terok, byHand] = [quantile(taken.terok, 0.5), quantile(taken.byHand, 0.5)];
  return {
    name: `${count} started at once until all run, median of ${rounds}`,
    against: 'the same podman calls by hand',
    ms: terok,
    againstMs: byHand,
    limit: 'at most 1.3 ×',
    within: terok <= 1.3 * byHand,
  };
}

/** What one look at so many containers costs; those that were only made are as good as running ones here. */
export async function batchFigure(bench: Bench, count: number): Promise<Figure> {
  const counted = countedProcesses(bench.ctx.processes);
  const ctx = await executorContext(bench.sandbox, { processes: counted.processes });
  const labels = installationLabels(ctx.installationId);
  const query = ['ps', '--all', '--no-trunc', ...Object.entries(labels).map(([key, value]) => `--filter=label=${key}=${value}`)];
  const specs = Array.from({ length: count }, () => specOf(bench, speaks));
  try {
    for (const spec of specs) await bench.ctx.runtime.create(spec);
    const before = counted.started();
    const rows = await ctx.runtime.containers(labels);
    const processes = counted.started() - before;
    const missing = specs.filter(({ name }) => rows?.every((row) => row.name !== name) ?? true);
    if (missing.length > 0) throw new Error(`${missing.length} of ${count} containers were not answered for`);

    const taken = await timesMs(5, {
      terok: (timed) => timed(async () => void (await ctx.runtime.containers(labels))),
      byHand: (timed) => timed(() => run(bench.ctx.podman.commandLine([...query, '--format=json']))),
    });
    return {
      name: `state of ${count} containers`,
      against: '`podman ps` by hand',
      ms: quantile(taken.terok, 0.5),
      againstMs: quantile(taken.byHand, 0.5),
      limit: `one subprocess: ${processes}`,
      within: processes === 1,
    };
  } finally {
    await removeAll(bench, specs);
  }
}

function countedProcesses(processes: Processes): { readonly processes: Processes; readonly started: () => number } {
  let started = 0;
  return {
    started: () => started,
    processes: {
      ...processes,
      run(command) {
        started++;
        return processes.run(command);
      },
      open(command) {
        started++;
        return processes.open(command);
      },
    },
  };
}
