import { expect, test } from 'vitest';
import { planRestart, type RestartFacts, type RestartPlan, type RestartWish } from './restart-plan.ts';

const states = ['created', 'initialized', 'running', 'paused', 'stopping', 'exited', 'dead', 'removing', 'unknown', null] as const;
const modes = ['cli', 'run', 'web', 'toad', null] as const;
const wishes: readonly RestartWish[] = [{}, { ensure: true }, { recreate: true }, { recreate: true, ensure: true }];

const short = (plan: RestartPlan): string => {
  switch (plan.kind) {
    case 'refuse':
      return `refuse: ${plan.why}`;
    case 'leave':
      return 'leave';
    case 'resume':
      return `${plan.stopFirst ? 'stop, ' : ''}start, or ${plan.otherwise}`;
    case 'recreate':
      return `${plan.stopFirst ? 'stop, ' : ''}${plan.remove ? 'remove, ' : ''}launch (${plan.reason})`;
  }
};

type Row = readonly [state: RestartFacts['state'], restart: string, ensure: string, recreate: string];

const interactive: readonly Row[] = [
  ['created', 'start, or recreate', 'start, or recreate', 'remove, launch (asked)'],
  ['initialized', 'start, or recreate', 'start, or recreate', 'remove, launch (asked)'],
  ['running', 'stop, start, or recreate', 'leave', 'stop, remove, launch (asked)'],
  ['paused', 'stop, start, or recreate', 'stop, start, or recreate', 'stop, remove, launch (asked)'],
  ['stopping', 'stop, start, or recreate', 'stop, start, or recreate', 'stop, remove, launch (asked)'],
  ['exited', 'start, or recreate', 'start, or recreate', 'remove, launch (asked)'],
  ['dead', 'remove, launch (dead)', 'remove, launch (dead)', 'remove, launch (asked)'],
  ['removing', 'refuse: under_way', 'refuse: under_way', 'refuse: under_way'],
  ['unknown', 'refuse: unknown', 'refuse: unknown', 'refuse: unknown'],
  [null, 'launch (gone)', 'launch (gone)', 'launch (asked)'],
];

const headless: readonly Row[] = [
  ['created', 'start, or fail', 'start, or fail', 'refuse: replays_prompt'],
  ['initialized', 'start, or fail', 'start, or fail', 'refuse: replays_prompt'],
  ['running', 'stop, start, or fail', 'leave', 'refuse: replays_prompt'],
  ['paused', 'stop, start, or fail', 'stop, start, or fail', 'refuse: replays_prompt'],
  ['stopping', 'stop, start, or fail', 'stop, start, or fail', 'refuse: replays_prompt'],
  ['exited', 'start, or fail', 'start, or fail', 'refuse: replays_prompt'],
  ['dead', 'refuse: replays_prompt', 'refuse: replays_prompt', 'refuse: replays_prompt'],
  ['removing', 'refuse: under_way', 'refuse: under_way', 'refuse: under_way'],
  ['unknown', 'refuse: unknown', 'refuse: unknown', 'refuse: unknown'],
  [null, 'refuse: replays_prompt', 'refuse: replays_prompt', 'refuse: replays_prompt'],
];

test.each([
  ['cli', interactive],
  ['run', headless],
] as const)('the ladder of a task in mode %s', (mode, rows) => {
  expect(rows.map(([state]) => state)).toEqual(states);
  const planned = rows.map(([state]) => {
    const plan = (wish: RestartWish) => short(planRestart({ mode, state, launching: false }, wish));
    return [state, plan({}), plan({ ensure: true }), plan({ recreate: true })];
  });
  expect(planned).toEqual(rows);
});

test.each([
  [null, 'refuse: never_run'],
  ['web', 'refuse: legacy_mode'],
  ['toad', 'refuse: legacy_mode'],
])('mode %s is refused in every state', (mode, expected) => {
  for (const state of states) for (const wish of wishes) expect(short(planRestart({ mode, state, launching: false }, wish))).toBe(expected);
});

test('a launch that is under way is let be, unless something lives already', () => {
  for (const mode of ['cli', 'run'])
    for (const state of ['created', 'initialized', 'exited', 'dead', 'removing', null] as const)
      expect(short(planRestart({ mode, state, launching: true }, {}))).toBe('refuse: under_way');
});

test('over the whole matrix: what is not known is not touched, a prompt is never replayed anew, and what lives is stopped before it is started', () => {
  for (const mode of modes)
    for (const state of states)
      for (const launching of [true, false])
        for (const wish of wishes) {
          const plan = planRestart({ mode, state, launching }, wish);
          const alive = state === 'running' || state === 'paused' || state === 'stopping';
          const allowed: readonly RestartPlan['kind'][] =
            state === 'unknown' || mode === null
              ? ['refuse']
              : ['refuse', 'leave', ...(state === null ? [] : ['resume' as const]), ...(mode === 'run' ? [] : ['recreate' as const])];
          expect(allowed).toContain(plan.kind);
          expect('stopFirst' in plan ? plan.stopFirst : alive).toBe(alive);
          expect('remove' in plan ? plan.remove : state !== null).toBe(state !== null);
        }
});
