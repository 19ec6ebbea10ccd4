/** One night of the lifecycle daemon at a hundred times the speed, with a real task in a real container, real steps, and a person in the morning. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import {
  eventsSince,
  loadLifecycleState,
  runDaemon,
  sleepStepIds,
  type DaemonExit,
  type LoggedEvent,
  type Probe,
} from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { containerProbe, daemonSteps, digestFacts } from 'terok';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { libraryContext } from '../orchestration/library.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { quickClock } from './quick-clock.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));
/** In seconds: a short night. */
const thresholds = { drowsy_after: 300, sleep_after: 600, hibernate_after: 900 };
/** Nothing here is waited for that does not come; a busy machine takes its time. */
const patienceMs = 5 * 60_000;
const clock = quickClock(100);
const begun = clock.now();
const stop = new AbortController();

let installation: Installation;
let project: DemoProject;
let ctx: TaskContext;
let environment: NodeJS.ProcessEnv;
let version: string;
let night: Promise<DaemonExit> | null = null;

beforeAll(async () => {
  // Its own: the daemon looks at every project, and writes down moments that lie hours ahead.
  installation = await otherInstallation('one-night');
  await shareBase(await sharedInstallation(), installation);
  await installation.answer(['setup']);
  project = await demoProject(installation, 'one-night');
  const library = await libraryContext(installation);
  environment = library.environment;
  ctx = { ...library.ctx, clock, config: { ...library.ctx.config, lifecycle: thresholds } };
  version = (await installation.answer(['--version'])).trim();
});
afterAll(async () => {
  stop.abort();
  await night;
  await project.remove();
});

/** As `terok daemon run` starts it under systemd, but for its clock. Resolves once clients are answered. */
async function startDaemon(): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const probe = containerProbe(ctx);
  const patient: Probe = { ...probe, look: (signal) => clock.atRealPace(() => probe.look(signal)) };
  night = runDaemon(ctx, {
    version,
    steps: daemonSteps(ctx).map((step) => ({ ...step, run: (options) => clock.atRealPace(() => step.run(options)) })),
    probes: [patient],
    collect: (period) => clock.atRealPace(() => digestFacts(ctx, period)),
    signal: stop.signal,
    onReady: ready.resolve,
  });
  await Promise.race([ready.promise, night]);
}

const events = (): Promise<readonly LoggedEvent[]> => eventsSince(ctx, begun);
const states = async (): Promise<readonly string[]> =>
  (await events()).filter(({ event }) => event === 'state_transition').map((event) => String(event['to']));
/** Asked again and again, and a moment may pass in between: whoever grows drowsy may be asleep by then. */
const noLongerAwake = (): Promise<true> =>
  eventually(async () => (['DROWSY', 'SLEEP'].includes((await states()).at(-1) ?? '') ? true : undefined));

/** A command that a person types; what the terminal shows. */
async function typed(words: string): Promise<string> {
  const { stdout } = await execa(
    'script',
    ['--quiet', '--flush', '--return', '--command', `${process.execPath} ${cli} ${words}`, '/dev/null'],
    {
      env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh', NO_COLOR: '1' },
      reject: false,
    },
  );
  return stdout;
}

test(
  'a night: drowsy beside a task, asleep once it has ended, every step done, gone until it is woken, and the digest told once',
  async () => {
    const task = (await project.run('echo all night; sleep 600', '--detach')).stdout.trim();
    await project.running();
    await startDaemon();

    await noLongerAwake();
    await clock.sleep(thresholds.sleep_after * 1000);
    expect(await states()).toEqual(['DROWSY']); // the container runs
    await clock.atRealPace(() => installation.answer(['task', 'stop', project.id, task]));

    expect(await night).toEqual({ reason: 'hibernation', leftBehind: null });
    const nightly = await events();
    expect(nightly.filter(({ event, error }) => /failed|deferred|skipped|quarantine|jump/.test(event) || error !== undefined)).toEqual([]);
    // At this speed sleep may be due at the very moment at which the task ends: its end is seen then, and wakes the house.
    const course = await states();
    const awoken = course.indexOf('WAKE');
    expect(['DROWSY', 'DROWSY SLEEP']).toContain(course.slice(0, awoken).join(' '));
    expect(course.slice(awoken)).toEqual(['WAKE', 'DROWSY', 'SLEEP', 'HIBERNATION']);
    const sinceWoken = nightly.slice(nightly.findIndex(({ event, to }) => event === 'state_transition' && to === 'WAKE'));
    expect(sinceWoken.filter(({ event }) => event === 'sleep_step_completed').map(({ step }) => step)).toEqual(sleepStepIds);
    expect((await loadLifecycleState(ctx)).record).toMatchObject({
      current_state: 'HIBERNATION',
      sleep_cycle_progress: null,
      quarantine: null,
    });

    await clock.atRealPace(async () => {
      expect(JSON.parse(await installation.answer(['daemon', 'wake', '--json']))).toEqual({ woken: 'marked' });
      await startDaemon();
      expect((await states()).at(-1)).toBe('WAKE');
      expect((await events()).at(-1)).toMatchObject({ event: 'wake_signal_consumed', phase: 'start' });

      // A command waits for a digest no longer than half a second.
      const shown = await eventually(async () => {
        const seen = await typed('project list');
        return seen.includes('terok digest') ? seen : undefined;
      });
      expect(shown).toContain(`${project.id}/${task}`);
      expect((await events()).filter(({ event }) => event === 'digest_acknowledged')).toHaveLength(1);
      expect(await typed('project list')).not.toContain('Since ');
    });

    await noLongerAwake();
    await clock.atRealPace(() => typed('project list'));
    await eventually(async () => {
      const woken = (await events()).findLast(({ event, to }) => event === 'state_transition' && to === 'WAKE');
      return woken?.['cause'] === 'a command at a terminal' ? true : undefined;
    });
    stop.abort();
    expect(await night).toEqual({ reason: 'signal', leftBehind: null });
  },
  patienceMs,
);
