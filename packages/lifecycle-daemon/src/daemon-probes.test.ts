import { expect, test } from 'vitest';
import { probesOf, type Probe, type ProbeChange } from './daemon-probes.ts';
import { settled, waitingClock } from './testing/waiting-clock.ts';

const minuteMs = 60_000;

function looking(probes: readonly Probe[]) {
  const clock = waitingClock();
  const failures: string[] = [];
  return { clock, failures, probes: probesOf(clock, { probes, onFailure: (probe, problem) => failures.push(`${probe}: ${problem}`) }) };
}

test('a look holds for five minutes, unless something changes or it is forgotten', async () => {
  let looks = 0;
  const { clock, probes } = looking([{ id: 'a', look: async () => [`look ${++looks}`] }]);
  expect(probes.lastVetoes()).toBeNull();
  expect([await probes.vetoes(), await probes.vetoes()]).toEqual([['look 1'], ['look 1']]);
  await clock.advance(5 * minuteMs - 1);
  expect(await probes.vetoes()).toEqual(['look 1']);
  await clock.advance(1);
  expect([await probes.vetoes(), probes.lastVetoes()]).toEqual([['look 2'], ['look 2']]);
  probes.forget();
  expect([probes.lastVetoes(), await probes.vetoes()]).toEqual([null, ['look 3']]);
});

test('what one cannot tell keeps the house awake, beside what the others found; it is told once until it works again', async () => {
  let broken = true;
  const { probes, failures } = looking([
    { id: 'a', look: async () => (broken ? Promise.reject(new Error('gone\u001b[2J')) : []) },
    { id: 'b', look: async () => ['a build'] },
  ]);
  const look = () => {
    probes.forget();
    return probes.vetoes();
  };
  expect(await look()).toEqual(['unknown whether anything runs (a: gone)', 'a build']);
  await look();
  expect(failures).toEqual(['a: gone']);
  broken = false;
  expect(await look()).toEqual(['a build']);
  broken = true;
  await look();
  expect(failures).toEqual(['a: gone', 'a: gone']);
});

test('a look that does not end is told to, and counts as unknown', async () => {
  let told = false;
  const never: Probe = {
    id: 'a',
    look: (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (told = true), { once: true });
      }),
  };
  const { clock, probes } = looking([never]);
  const vetoes = probes.vetoes();
  await clock.advance(30_000);
  expect([await vetoes, told]).toEqual([['unknown whether anything runs (a: no answer after 30 s)'], true]);
});

test('a watch that ends is begun again, later and later, and what happened in between is looked for', async () => {
  let watches = 0;
  const changes: ProbeChange[] = [];
  const probe: Probe = {
    id: 'a',
    look: async () => [],
    watch: async (onChange) => {
      watches++;
      onChange({ kind: 'started', subject: `watch ${watches}` });
      throw new Error('cut');
    },
  };
  const { clock, probes, failures } = looking([probe, { id: 'b', look: async () => [] }]);
  const stop = new AbortController();
  const watching = probes.watch((change) => changes.push(change), stop.signal);
  await settled();
  await probes.vetoes();
  expect([watches, probes.lastVetoes()]).toEqual([1, []]);
  await clock.advance(5000);
  expect([watches, probes.lastVetoes()]).toEqual([2, null]);
  await clock.advance(9999);
  expect(watches).toBe(2);
  await clock.advance(1);
  expect([watches, failures, changes.length]).toEqual([3, ['a events: cut'], 3]);
  stop.abort();
  await watching;
});

test('of a thousand things that run a hundred are told', async () => {
  const { probes } = looking([{ id: 'a', look: async () => Array.from({ length: 1000 }, (_, n) => `task ${n}`) }]);
  expect(await probes.vetoes()).toHaveLength(100);
});
