import { describe, expect, test } from 'vitest';
import { waitingClock } from '../testing/waiting-clock.ts';
import type { SleepStep, StepRun } from './sleep-step.ts';
import { stepSlot } from './step-slot.ts';

const stepThat = (run: SleepStep['run'], timeLimitMs?: number): SleepStep => ({
  id: 'logs',
  number: 3,
  title: 'a step of a test',
  ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
  run,
});
const ends = async () => ({ problems: [] });
const never = () => new Promise<never>(() => {});
const untilAborted = ({ signal }: StepRun) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to end'))));
const undisturbed = { signal: new AbortController().signal, dryRun: false };

describe('a step that ends', () => {
  test('is done, with what it decided added up', async () => {
    const clock = waitingClock();
    const problem = { subject: 'the disk', problem: 'it is full', fix: 'terok image cleanup' };
    const step = stepThat(async ({ report }) => {
      report({ subject: 'a', decision: 'remove', reason: 'nobody needs it', bytes: 5 });
      report({ subject: 'b', decision: 'keep', reason: 'a task uses it' });
      report({ subject: 'c', decision: 'remove', reason: 'nobody needs it', bytes: 7 });
      await clock.sleep(2000);
      return { problems: [problem] };
    });
    const running = stepSlot(clock).run(step, undisturbed);
    await clock.advance(2000);
    expect(await running).toMatchObject({
      kind: 'completed',
      problems: [problem],
      work: {
        counts: { remove: 2, keep: 1 },
        bytesReclaimed: 12,
        durationMs: 2000,
        decisions: [{ subject: 'a' }, { subject: 'b' }, { subject: 'c' }],
      },
    });
  });

  test('is told whether it is to change anything', async () => {
    const told: boolean[] = [];
    const step = stepThat(async ({ dryRun }) => {
      told.push(dryRun);
      return { problems: [] };
    });
    const slot = stepSlot(waitingClock());
    await slot.run(step, { ...undisturbed, dryRun: true });
    await slot.run(step, undisturbed);
    expect(told).toEqual([true, false]);
  });

  test('keeps the first thousand of its decisions, and counts all', async () => {
    const step = stepThat(async ({ report }) => {
      for (let number = 0; number < 1500; number++) report({ subject: String(number), decision: 'keep', reason: 'it is young', bytes: 1 });
      return { problems: [] };
    });
    const { work } = await stepSlot(waitingClock()).run(step, undisturbed);
    expect([work.decisions.length, work.counts, work.bytesReclaimed]).toEqual([1000, { keep: 1500 }, 1500]);
  });
});

describe('a step that throws', () => {
  test.each([
    ['a rejection', stepThat(() => Promise.reject(new Error('no podman')))],
    [
      'at once',
      stepThat(() => {
        throw new Error('no podman');
      }),
    ],
  ])('has failed, by %s, and gives the slot back', async (_, step) => {
    const slot = stepSlot(waitingClock());
    expect(await slot.run(step, undisturbed)).toMatchObject({ kind: 'failed', error: 'no podman' });
    expect(slot.occupant()).toBeNull();
    expect(await slot.run(stepThat(ends), undisturbed)).toMatchObject({ kind: 'completed' });
  });
});

describe('a step that takes too long', () => {
  test('is told to end, and has failed', async () => {
    const clock = waitingClock();
    const slot = stepSlot(clock);
    const running = slot.run(stepThat(untilAborted, 60_000), undisturbed);
    await clock.advance(60_000);
    expect(await running).toMatchObject({ kind: 'timed_out', error: 'It was not done after 60 s.', leftBehind: false });
    expect(slot.occupant()).toBeNull();
  });

  test('is left behind when it does not end, and no other runs until it has', async () => {
    const clock = waitingClock();
    const slot = stepSlot(clock);
    let finish = () => {};
    const running = slot.run(
      stepThat(() => new Promise((resolve) => (finish = () => resolve({ problems: [] }))), 60_000),
      undisturbed,
    );
    await clock.advance(61_000);
    expect(await running).toMatchObject({ kind: 'timed_out', leftBehind: true });
    expect(slot.occupant()).toBe('logs');
    await expect(slot.run(stepThat(ends), undisturbed)).rejects.toThrow('still runs');
    finish();
    await clock.advance(0);
    expect(slot.occupant()).toBeNull();
  });

  test('has ten minutes unless it says otherwise', async () => {
    const clock = waitingClock();
    const running = stepSlot(clock).run(stepThat(untilAborted), undisturbed);
    await clock.advance(600_000);
    expect(await running).toMatchObject({ error: 'It was not done after 600 s.' });
  });
});

describe('when somebody comes', () => {
  test('a step that listens ends, and that is no failure', async () => {
    const controller = new AbortController();
    const clock = waitingClock();
    const running = stepSlot(clock).run(stepThat(untilAborted), { signal: controller.signal, dryRun: false });
    await clock.advance(5000);
    controller.abort();
    expect(await running).toMatchObject({ kind: 'aborted', leftBehind: false });
  });

  test('a step that does not listen is left behind half a second later', async () => {
    const controller = new AbortController();
    const clock = waitingClock();
    const slot = stepSlot(clock);
    const running = slot.run(stepThat(never), { signal: controller.signal, dryRun: false });
    controller.abort();
    await clock.advance(500);
    expect(await running).toMatchObject({ kind: 'aborted', leftBehind: true });
    expect(slot.occupant()).toBe('logs');
  });

  test('what a step reports after it was left behind counts no more', async () => {
    const controller = new AbortController();
    const clock = waitingClock();
    let report: StepRun['report'] = () => {};
    const running = stepSlot(clock).run(
      stepThat((options) => {
        ({ report } = options);
        return never();
      }),
      { signal: controller.signal, dryRun: false },
    );
    report({ subject: 'a', decision: 'remove', reason: 'old', bytes: 1 });
    controller.abort();
    await clock.advance(500);
    const { work } = await running;
    report({ subject: 'b', decision: 'remove', reason: 'old', bytes: 1 });
    expect([work.bytesReclaimed, work.decisions.length]).toEqual([1, 1]);
  });

  test('a step that is through at that moment is done all the same', async () => {
    const controller = new AbortController();
    const clock = waitingClock();
    const step = stepThat(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { problems: [] };
    });
    const running = stepSlot(clock).run(step, { signal: controller.signal, dryRun: false });
    controller.abort();
    expect(await running).toMatchObject({ kind: 'completed' });
  });

  test('before the step begins, it is told so at its start', async () => {
    const signal = AbortSignal.abort();
    const clock = waitingClock();
    const running = stepSlot(clock).run(stepThat(never), { signal, dryRun: false });
    await clock.advance(500);
    expect(await running).toMatchObject({ kind: 'aborted' });
  });
});
