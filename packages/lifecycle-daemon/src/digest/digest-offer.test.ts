import { memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadDaemonState, saveDaemonState, type DaemonState } from '../daemon-state.ts';
import { defaultLifecycleState } from '../lifecycle-state.ts';
import { lifecycleContext } from '../testing/lifecycle-context.ts';
import { waitingClock } from '../testing/waiting-clock.ts';
import { acknowledgeDigest, digestPeriod, offeredDigest, pendingDigest } from './digest-offer.ts';
import type { DigestTask, TaskFacts } from './digest.ts';
import { readDigestCopy, rebuildDigest, type DigestSources } from './rebuild-digest.ts';

const hourMs = 3_600_000;
const copyPath = '/state/lifecycle/digest.json';
const nothing: TaskFacts = { tasks: [], unmerged: [] };
const finished = (task: string, endedAt: Date): DigestTask & { readonly endedAt: Date } => ({
  project: 'demo',
  task,
  name: `task-${task}`,
  agent: 'shell',
  outcome: 'finished',
  status: 'completed',
  exit_code: 0,
  started_at: null,
  duration_sec: 60,
  message: null,
  endedAt,
});

/** A daemon's state on a disk, a log, and tasks that end at certain times. */
function house({ disk = memoryFiles() }: { disk?: MemoryFiles } = {}) {
  const clock = waitingClock();
  const world = { disk, clock, ended: [] as ReturnType<typeof finished>[] };
  const ctx = () => ({ ...lifecycleContext(world.disk), clock, paths: { ...lifecycleContext(world.disk).paths, digest: copyPath } });
  const update = async (change: (state: DaemonState) => DaemonState) => {
    const before = await loadDaemonState(ctx());
    const after = change(before);
    if (after !== before) await saveDaemonState(ctx(), after);
    return after;
  };
  const rebuild = (sources: Partial<DigestSources> = {}) =>
    rebuildDigest(ctx(), {
      update,
      record: defaultLifecycleState(clock.now()),
      eventsSince: async () => [],
      collect: async ({ since, until }) => ({
        tasks: world.ended.filter(({ endedAt }) => endedAt > since && endedAt <= until).map(({ endedAt: _, ...task }) => task),
        unmerged: [],
      }),
      ...sources,
    });
  return {
    world,
    update,
    rebuild,
    ctx,
    state: () => loadDaemonState(ctx()),
    offered: async () => offeredDigest(await loadDaemonState(ctx()), clock.now()),
    acknowledge: async (id: string) => {
      let acknowledged = false;
      await update((state) => {
        const next = acknowledgeDigest(state, id, clock.now());
        ({ acknowledged } = next);
        return next.state;
      });
      return acknowledged;
    },
    end: (task: string) => void world.ended.push(finished(task, clock.now())),
  };
}

describe('a digest', () => {
  test('is offered again until it was seen, and then never', async () => {
    const { rebuild, offered, acknowledge, end, world } = house();
    end('k3v8h');
    await rebuild();
    const first = await offered();
    expect(first).toMatchObject({ digest: { tasks: { items: [{ task: 'k3v8h' }] } } });
    expect(await offered()).toEqual(first);

    expect(await acknowledge(first?.digest_id ?? '')).toBe(true);
    expect(await offered()).toBeNull();
    await rebuild();
    await world.clock.advance(30 * hourMs);
    await rebuild();
    expect(await offered()).toBeNull();
    expect(await acknowledge(first?.digest_id ?? '')).toBe(false);
  });

  test('waits until the last one was seen 18 hours ago (edge cases 89, 90)', async () => {
    const { rebuild, offered, acknowledge, end, world } = house();
    end('k3v8h');
    await rebuild();
    await acknowledge((await offered())?.digest_id ?? '');
    await world.clock.advance(hourMs);
    end('m7q2x');
    await rebuild();
    await world.clock.advance(17 * hourMs - 1);
    expect(await offered()).toBeNull();
    await world.clock.advance(1);
    expect(await offered()).toMatchObject({ digest: { tasks: { items: [{ task: 'm7q2x' }] } } });
  });

  test('that is made again with nothing new in it is the same one, and nothing is written', async () => {
    const { rebuild, end, world } = house();
    end('k3v8h');
    const first = await rebuild();
    const steps = world.disk.steps();
    await world.clock.advance(hourMs);
    expect(await rebuild()).toEqual(first);
    expect(world.disk.steps()).toBe(steps);
  });

  test('of before what was seen is not brought back by a look that began earlier', async () => {
    const { rebuild, offered, acknowledge, end, world } = house();
    end('k3v8h');
    await rebuild();
    const shown = await offered();
    let release = () => {};
    const slow = rebuild({
      collect: async () => {
        await new Promise<void>((resolve) => (release = resolve));
        return { tasks: [{ ...finished('k3v8h', world.clock.now()) }], unmerged: [] };
      },
    });
    await world.clock.advance(1);
    await acknowledge(shown?.digest_id ?? '');
    release();
    expect(await slow).toBeNull();
  });

  test('that was made while the person read the older one holds what that one had not', async () => {
    const { rebuild, offered, acknowledge, end, world, state } = house();
    end('k3v8h');
    await rebuild();
    const shown = await offered();
    await world.clock.advance(1000);
    end('m7q2x');
    await rebuild();
    expect(await acknowledge(shown?.digest_id ?? '')).toBe(true);
    await rebuild();
    expect(pendingDigest(await state())?.tasks.items.map(({ task }) => task)).toEqual(['m7q2x']);
  });

  test('stays as it was when what happened cannot be learned', async () => {
    const { rebuild, offered, end } = house();
    end('k3v8h');
    await rebuild();
    const before = await offered();
    await expect(rebuild({ collect: () => Promise.reject(new Error('podman could not be asked')) })).rejects.toThrow('podman');
    expect(await offered()).toEqual(before);
  });

  test('has a copy that anybody of the user can read, which is made again when it is damaged', async () => {
    const { rebuild, end, ctx, world } = house();
    end('k3v8h');
    const digest = await rebuild();
    expect(await readDigestCopy(ctx())).toEqual(digest);
    for (const damage of ['{', 'null', '[]', '{"schema_version":2}', new Uint8Array([0xff]), 'x'.repeat(2 ** 20 + 1)]) {
      await world.disk.replace(copyPath, damage);
      expect(await readDigestCopy(ctx())).toBeNull();
      await rebuild();
      expect(await readDigestCopy(ctx())).toEqual(digest);
    }
  });

  test.each([
    ['nothing', null],
    ['text (edge case D-34)', 'a fine night'],
    ['that of the reference', { rem_cycles_completed: 4, episodes_processed: 10 }],
  ])('of another shape is none: %s', (_, value) => {
    expect(offeredDigest({ pending_digest: value }, new Date())).toBeNull();
  });
});

describe('what says that a digest was seen', () => {
  const now = new Date('2026-05-02T12:00:00.000Z');
  test.each([
    ['nothing', ''],
    ['other words', 'yes'],
    ['no hash', '20260502T110000000Z'],
    ['a day that is none', '20260230T110000000Z-1f2e3d4c'],
    ['a time to come', '20260502T120600000Z-1f2e3d4c'],
    ['what was seen before', '20260502T100000000Z-1f2e3d4c'],
  ])('is no name of one: %s', (_, id) => {
    const state = { 'x-digest-since': '2026-05-02T10:00:00.000+00:00' };
    expect(acknowledgeDigest(state, id, now)).toEqual({ state, acknowledged: false });
  });

  test('keeps every other key', () => {
    const { state } = acknowledgeDigest({ fsm_state: 'WAKE', pending_digest: {} }, '20260502T110000000Z-1f2e3d4c', now);
    expect(state).toEqual({
      fsm_state: 'WAKE',
      last_digest_shown_at: '2026-05-02T12:00:00.000+00:00',
      'x-digest-since': '2026-05-02T11:00:00.000+00:00',
    });
  });
});

describe('the first period', () => {
  const now = new Date('2026-05-02T12:00:00.000Z');
  test('begins a day ago, and does not move', () => {
    const { state, period } = digestPeriod({}, now);
    expect(period.since).toEqual(new Date('2026-05-01T12:00:00.000Z'));
    expect(digestPeriod(state, new Date('2026-05-02T20:00:00.000Z')).period.since).toEqual(period.since);
  });

  test.each(['tomorrow', 7, '2027-05-02T12:00:00.000+00:00'])('is begun anew where %j stands', (since) => {
    expect(digestPeriod({ 'x-digest-since': since }, now).period.since).toEqual(new Date('2026-05-01T12:00:00.000Z'));
  });
});

/** What a person is told: each end once, whatever happens in between. */
test('every task that ends is told once, and none is lost by a power cut', async () => {
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.constant('end' as const) },
    { weight: 3, arbitrary: fc.constant('rebuild' as const) },
    { weight: 3, arbitrary: fc.constant('show' as const) },
    { weight: 2, arbitrary: fc.constant('see' as const) },
    { weight: 2, arbitrary: fc.constant('hours' as const) },
  );
  const night = fc.array(fc.record({ action, cutAt: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 4 }) }), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(night, async (actions) => {
      const { world, rebuild, offered, acknowledge, end } = house();
      await rebuild(); // as a daemon does at its start
      const told: string[] = [];
      let shown: Awaited<ReturnType<typeof offered>> = null;
      let serial = 0;
      const see = async () => {
        if (shown === null) return;
        const { digest, digest_id } = shown;
        if (await acknowledge(digest_id)) told.push(...digest.tasks.items.map(({ task }) => task));
        shown = null;
      };
      for (const { action: next, cutAt } of actions) {
        await world.clock.advance(1000);
        if (cutAt !== null) world.disk = memoryFiles(world.disk, { cutAt });
        const wanted = shown;
        try {
          if (next === 'end') end(String(serial++));
          if (next === 'rebuild') await rebuild();
          if (next === 'show') shown = await offered();
          if (next === 'see') await see();
          if (next === 'hours') await world.clock.advance(19 * hourMs);
          world.disk = memoryFiles(world.disk);
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
          world.disk = reboot(world.disk);
          // The word that it was seen may have reached the disk just before the power went.
          const kept = next === 'see' && wanted !== null && !(await acknowledgeable(wanted.digest_id));
          if (kept) told.push(...(wanted?.digest.tasks.items.map(({ task }) => task) ?? []));
          shown = null;
        }
      }
      await rebuild();
      await world.clock.advance(19 * hourMs);
      shown = await offered();
      await see();
      expect(told.toSorted()).toEqual(Array.from({ length: serial }, (_, number) => String(number)).toSorted());

      async function acknowledgeable(id: string): Promise<boolean> {
        const state = await loadDaemonState(house({ disk: world.disk }).ctx());
        return acknowledgeDigest(state, id, world.clock.now()).acknowledged;
      }
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('a house with nothing to tell has no digest', async () => {
  const { rebuild, offered } = house();
  expect(await rebuild({ collect: async () => nothing })).toBeNull();
  expect(await offered()).toBeNull();
});
