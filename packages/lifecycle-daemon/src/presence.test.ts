import { fakeClock } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockTrembleMs, dueEvent, idleThresholds, needsVetoes, presence, type Circumstances } from './presence.ts';
import { LifecycleState } from './lifecycle-state.ts';

const thresholds = idleThresholds({ drowsy_after: 300, sleep_after: 1800, hibernate_after: 7200 });
const circumstances = (fields: Partial<Circumstances>): Circumstances => ({
  state: 'WAKE',
  idleMs: 0,
  cycleComplete: false,
  vetoes: [],
  ...fields,
});
const due = (fields: Partial<Circumstances>) => dueEvent(circumstances(fields), thresholds)?.event ?? null;

test.each<[what: string, fields: Partial<Circumstances>, event: string | null]>([
  ['awake, a moment before five minutes', { idleMs: 299_999 }, null],
  ['awake for five minutes', { idleMs: 300_000 }, 'idle_5min'],
  ['awake, whatever runs', { idleMs: 300_000, vetoes: ['task demo/a'] }, 'idle_5min'],
  ['drowsy, a moment before half an hour', { state: 'DROWSY', idleMs: 1_799_999 }, null],
  ['drowsy for half an hour', { state: 'DROWSY', idleMs: 1_800_000 }, 'idle_30min'],
  ['drowsy while a task runs', { state: 'DROWSY', idleMs: 9e9, vetoes: ['task demo/a'] }, null],
  ['drowsy, and nobody looked what runs', { state: 'DROWSY', idleMs: 9e9, vetoes: null }, null],
  ['asleep for two hours, the work not done', { state: 'SLEEP', idleMs: 9e9 }, null],
  ['asleep with the work done, before two hours', { state: 'SLEEP', idleMs: 7_199_999, cycleComplete: true }, null],
  ['asleep with the work done for two hours', { state: 'SLEEP', idleMs: 7_200_000, cycleComplete: true }, 'sleep_cycle_done'],
  ['asleep with the work done while a task runs', { state: 'SLEEP', idleMs: 9e9, cycleComplete: true, vetoes: ['x'] }, null],
  ['hibernating', { state: 'HIBERNATION', idleMs: 9e9, cycleComplete: true }, null],
])('%s', (_, fields, event) => {
  expect(due(fields)).toBe(event);
});

test('thresholds in the wrong order still lead to sleep, one state after the other', () => {
  const odd = idleThresholds({ drowsy_after: 600, sleep_after: 60, hibernate_after: 0 });
  expect(dueEvent(circumstances({ idleMs: 599_999 }), odd)).toBeNull();
  expect(dueEvent(circumstances({ state: 'DROWSY', idleMs: 599_999 }), odd)).toBeNull();
  expect(dueEvent(circumstances({ state: 'DROWSY', idleMs: 600_000 }), odd)?.event).toBe('idle_30min');
  expect(dueEvent(circumstances({ state: 'SLEEP', idleMs: 600_000, cycleComplete: true }), odd)?.event).toBe('sleep_cycle_done');
});

test('nothing is due that what runs could forbid, unless it was looked at', () => {
  const any = fc.record({
    state: fc.constantFrom(...Object.values(LifecycleState)),
    idleMs: fc.nat({ max: 10_000_000 }),
    cycleComplete: fc.boolean(),
    vetoes: fc.constantFrom(null, [], ['a']),
  });
  fc.assert(
    fc.property(any, (each) => {
      const event = dueEvent(each, thresholds)?.event ?? null;
      const forbidden = each.vetoes?.length !== 0 || !needsVetoes(each, thresholds);
      expect(forbidden && (event === 'idle_30min' || event === 'sleep_cycle_done')).toBe(false);
      expect(event === 'idle_5min').toBe(each.state === 'WAKE' && each.idleMs >= 300_000);
    }),
  );
});

describe('presence', () => {
  test('begins with somebody there, and counts from when somebody was last seen', () => {
    const clock = fakeClock();
    clock.advance(1000);
    const here = presence(clock);
    expect(here.idleMs()).toBe(0);
    clock.advance(400);
    expect(here.idleMs()).toBe(400);
    here.seen();
    clock.advance(50);
    expect([here.idleMs(), here.noticeJump()]).toEqual([50, null]);
    here.pretendIdle(1000);
    here.pretendIdle(20);
    expect(here.idleMs()).toBe(1000);
  });

  test.each([3_600_000, -3_600_000, clockTrembleMs + 1, -clockTrembleMs - 1])(
    'a jump of %i ms is told once, and idleness counted anew',
    (ms) => {
      const clock = fakeClock();
      const here = presence(clock);
      clock.advance(100_000);
      clock.setWall(new Date(clock.now().getTime() + ms));
      expect([here.noticeJump(), here.idleMs(), here.noticeJump()]).toEqual([ms, 0, null]);
    },
  );

  test('small corrections of the clock are no jump, however many', () => {
    const clock = fakeClock();
    const here = presence(clock);
    for (let n = 0; n < 100; n++) {
      clock.advance(30_000);
      clock.setWall(new Date(clock.now().getTime() + (n % 2 === 0 ? 1 : -1) * 50_000));
      expect(here.noticeJump()).toBeNull();
    }
    expect(here.idleMs()).toBe(3_000_000);
  });
});
