/** Nights with everything that can go wrong in them, against the rules that hold in any. */
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadLifecycleState, saveLifecycleState, type LifecycleStateRecord } from '../lifecycle-state.ts';
import { lifecycleContext } from '../testing/lifecycle-context.ts';
import { settled, waitingClock } from '../testing/waiting-clock.ts';
import { liftQuarantine, nextStepNumber, readyForCycle } from './cycle-record.ts';
import { runSleepCycle, type SleepCycleResult, type UpdateRecord } from './run-sleep-cycle.ts';
import { sleepStepIds, sleepStepNumbers, type SleepStepId, type StepRun } from './sleep-step.ts';
import { judgeStep, stepStatesOf } from './step-states.ts';
import { stepSlot, type StepSlot } from './step-slot.ts';

/** `deaf` does not end when it is told to, but some time later; `hangs` ends when it is told to. */
type Behaviour = 'done' | 'fails' | 'hangs' | 'deaf';
type Command =
  | {
      readonly kind: 'sleep';
      readonly behaviours: readonly Behaviour[];
      readonly visitAfterMs: number | null;
      readonly cutAt: number | null;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'lift'; readonly id: SleepStepId }
  | { readonly kind: 'wall'; readonly jumpMs: number };

const quiet: Extract<Command, { kind: 'sleep' }> = {
  kind: 'sleep',
  behaviours: sleepStepIds.map(() => 'done'),
  visitAfterMs: null,
  cutAt: null,
};
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const mostlyDone = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Behaviour>('done') },
  { weight: 2, arbitrary: fc.constant<Behaviour>('fails') },
  { weight: 1, arbitrary: fc.constantFrom<Behaviour>('hangs', 'deaf') },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sleep' as const),
      behaviours: fc.array(mostlyDone, { minLength: 7, maxLength: 7 }),
      visitAfterMs: fc.option(fc.integer({ min: 0, max: 20 * minuteMs })),
      cutAt: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(minuteMs, 10 * minuteMs, dayMs / 2, dayMs) }),
  },
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'restart' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lift' as const), id: fc.constantFrom(...sleepStepIds) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wall' as const), jumpMs: fc.constantFrom(-400 * dayMs, -minuteMs, 3 * dayMs) }) },
);

class Night {
  readonly clock = waitingClock();
  disk: MemoryFiles = memoryFiles();
  slot: StepSlot = stepSlot(this.clock);
  /** Steps of this process that have begun and not ended. */
  running = 0;
  /** Rules that did not hold. Kept here, since what a step throws is only one more failure of a step. */
  readonly broken: string[] = [];
  /** How often the last cycle changed the disk. */
  stepsOfCycle = 0;

  must(holds: boolean, rule: string): void {
    if (!holds) this.broken.push(rule);
  }

  async record(files = this.disk): Promise<LifecycleStateRecord> {
    const { record, recovered } = await loadLifecycleState({ ...lifecycleContext(files), clock: this.clock });
    this.must(recovered.length === 0, 'the record is whole');
    return record;
  }

  async obey(next: Command): Promise<void> {
    switch (next.kind) {
      case 'sleep':
        await this.sleep(next);
        return;
      case 'wait':
        await this.clock.advance(next.ms);
        return;
      case 'restart':
        this.restart();
        return;
      case 'lift':
        await this.update(this.disk)((record) => liftQuarantine(record, next.id));
        return;
      case 'wall':
        this.clock.setWall(new Date(this.clock.now().getTime() + next.jumpMs));
    }
  }

  /** All that a process had in memory is gone, what it ran with it. */
  restart(): void {
    this.disk = reboot(this.disk);
    this.slot = stepSlot(this.clock);
    this.running = 0;
  }

  update(files: MemoryFiles): UpdateRecord {
    return async (change) => {
      const before = await this.record(files);
      const after = change(before);
      if (after !== before) await saveLifecycleState({ ...lifecycleContext(files), clock: this.clock }, after);
      return after;
    };
  }

  async sleep({ behaviours, visitAfterMs, cutAt }: Extract<Command, { kind: 'sleep' }>): Promise<SleepCycleResult | null> {
    const files = memoryFiles(this.disk, cutAt === null ? {} : { cutAt });
    const { slot } = this;
    const visitor = new AbortController();
    const ran: SleepStepId[] = [];
    const begun = readyForCycle(await this.record(files), this.clock.now()).record;
    const cycle = runSleepCycle(
      { clock: this.clock },
      {
        slot,
        signal: visitor.signal,
        update: this.update(files),
        onEvent: () => {},
        steps: sleepStepIds.map((id, index) => ({
          id,
          number: sleepStepNumbers[id],
          title: id,
          run: async (run) => {
            this.must(this.running === 0, 'never two steps at once');
            this.must(judgeStep(stepStatesOf(await this.record(files))[id], this.clock.now()).kind === 'due', `${id} may run now`);
            ran.push(id);
            this.running++;
            const owner = slot;
            try {
              return await this.behave(behaviours[index] ?? 'done', run);
            } finally {
              if (owner === this.slot) this.running--;
            }
          },
        })),
      },
    );
    const end = cycle.then(
      (result) => result,
      (error: unknown) => {
        if (error instanceof PowerCut) return null;
        throw error;
      },
    );
    let over = false;
    void end.then(() => (over = true));
    // Somebody comes at some time, if not before the longest time that seven steps could take.
    await this.clock.advance(visitAfterMs ?? 71 * minuteMs);
    visitor.abort();
    await this.clock.advance(1000);
    await settled();
    this.must(over, 'a cycle ends within a second of a visit');
    const result = await end;

    this.disk = memoryFiles(files);
    this.stepsOfCycle = files.steps();
    this.must(ran.join() === sleepStepIds.filter((id) => ran.includes(id)).join(), 'in ascending order, each once');
    if (result === null) this.restart();
    const after = await this.record();
    const next = sleepStepIds.slice(nextStepNumber(begun) - 1);
    this.must(
      ran.every((id) => next.includes(id)),
      'what was done is not done again',
    );
    if (result?.kind === 'complete') this.must(after.sleep_cycle_progress === null, 'a complete cycle leaves no progress');
    if (result?.kind === 'waiting')
      this.must((stepStatesOf(after)[result.step]?.failures ?? 3) < 3, 'what is quarantined is not waited for');
    return result;
  }

  private async behave(behaviour: Behaviour, { signal }: StepRun): Promise<{ problems: [] }> {
    switch (behaviour) {
      case 'done':
        return { problems: [] };
      case 'fails':
        throw new Error('disk full');
      case 'hangs':
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to end')), { once: true }));
      case 'deaf':
        await this.clock.sleep(30 * minuteMs);
        return { problems: [] };
    }
  }
}

test('whatever a night brings, the record stays whole, steps keep their order, and the next quiet night is a complete one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 12 }), async (commands) => {
      const night = new Night();
      for (const next of commands) await night.obey(next);
      expect(night.broken).toEqual([]);

      night.restart();
      // A clock that was set back is noticed by the first cycle, which shortens what would last for years.
      await night.sleep(quiet);
      await night.clock.advance(2 * dayMs);
      expect(await night.sleep(quiet)).toMatchObject({ kind: 'complete', skipped: [] });
      expect(await night.sleep(quiet)).toEqual({ kind: 'complete', completed: sleepStepIds, skipped: [] });
      expect(stepStatesOf(await night.record())).toEqual({});
      expect((await night.record()).quarantine).toBeNull();
      expect(night.broken).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('a power cut at every write of a cycle costs at most the step that it hit', async () => {
  const uncut = new Night();
  await uncut.sleep(quiet);
  const steps = uncut.stepsOfCycle;
  expect(steps).toBeGreaterThan(7 * 4);
  for (let cutAt = 0; cutAt < steps; cutAt++) {
    const night = new Night();
    const ran: SleepStepId[] = [];
    const run = async (files: MemoryFiles) =>
      runSleepCycle(
        { clock: night.clock },
        {
          slot: stepSlot(night.clock),
          signal: new AbortController().signal,
          update: night.update(files),
          onEvent: () => {},
          steps: sleepStepIds.map((id) => ({
            id,
            number: sleepStepNumbers[id],
            title: id,
            run: async () => {
              ran.push(id);
              return { problems: [] };
            },
          })),
        },
      );
    const disk = memoryFiles(night.disk, { cutAt });
    await expect(run(disk)).rejects.toThrow(PowerCut);
    const done = (await night.record(reboot(disk))).sleep_cycle_progress?.last_completed_step ?? 0;
    const before = ran.length;
    expect(await run(reboot(disk))).toMatchObject({ kind: 'complete' });
    // Power that goes between the last step and the end of the cycle makes it a whole one again.
    expect(ran.slice(before)).toEqual(done === 7 ? sleepStepIds : sleepStepIds.slice(done));
    expect([0, 1], 'steps whose end was not kept').toContain(before - (before === 7 && done === 0 ? 7 : done));
  }
});
