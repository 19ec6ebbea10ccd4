import { memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { dispatcher, type Dispatcher, type ToldEvent } from './dispatch.ts';
import { readEvents } from './event-log.ts';
import { defaultLifecycleState, loadLifecycleState, type LifecycleStateRecord } from './lifecycle-state.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';

const recordPath = '/state/lifecycle/lifecycle_state.json';

function desk({
  files = memoryFiles(),
  shadowRun = false,
  fields = {},
}: { files?: MemoryFiles; shadowRun?: boolean; fields?: Partial<LifecycleStateRecord> } = {}) {
  const ctx = lifecycleContext(files);
  const record = { ...defaultLifecycleState(ctx.clock.now()), ...fields };
  const dispatching: Dispatcher = dispatcher(ctx, { record, shadowRun });
  const logged = () => readEvents(ctx, '2026-05-02').then((events) => events.map(({ ts: _, ...event }) => event));
  return { ctx, dispatching, logged, stored: async () => (await loadLifecycleState(ctx)).record };
}

test('E-36: an event that moves is kept, logged once with where from, where to and why, and told', async () => {
  const { dispatching, logged, stored } = desk();
  const heard: ToldEvent[] = [];
  const unwatch = dispatching.watch((event) => heard.push(event));
  await dispatching.dispatch('idle_5min', { cause: 'sleep-now' });
  expect(await stored()).toMatchObject({ current_state: 'DROWSY' });
  const told = { event: 'state_transition', from: 'WAKE', to: 'DROWSY', trigger: 'idle_5min', cause: 'sleep-now' };
  expect([await logged(), heard]).toEqual([[told], [{ ts: '2026-05-02T12:00:00.000+00:00', ...told }]]);
  unwatch();
  await dispatching.dispatch('request_arrived');
  expect(heard).toHaveLength(1);
});

test('what comes after the end changes nothing on the disk: the next daemon may have begun', async () => {
  const { dispatching, ctx } = desk();
  dispatching.close();
  await expect(dispatching.dispatch('idle_5min')).rejects.toMatchObject({ code: 'DAEMON_STOPPING' });
  await dispatching.tell({ event: 'resumed', reason: 'asked' });
  expect(ctx.files.paths()).toEqual([]);
});

test('E-37: a tick moves nothing, logs nothing and writes nothing', async () => {
  const { dispatching, ctx } = desk();
  expect(await dispatching.dispatch('tick')).toMatchObject({ record: { current_state: 'WAKE' }, transition: null });
  expect(ctx.files.paths()).toEqual([]);
});

test('E-38, E-43: a request is activity, and in WAKE no transition', async () => {
  const { dispatching, logged, stored } = desk();
  await dispatching.dispatch('request_arrived');
  expect(await stored()).toMatchObject({ wrapper_event_seq: 1, current_state: 'WAKE' });
  expect(await logged()).toEqual([]);
});

test.each([true, false])('E-39, E-40: resident: %s', async (shadowRun) => {
  const { dispatching, logged, stored } = desk({ shadowRun, fields: { current_state: 'SLEEP' } });
  await dispatching.dispatch('sleep_cycle_done', { payload: { still_idle: true } });
  expect(await stored()).toMatchObject({ current_state: 'HIBERNATION', shadow_run: shadowRun });
  expect((await logged()).map(({ event }) => event)).toEqual(['state_transition', ...(shadowRun ? ['shadow_run_warning'] : [])]);
});

test('E-17: keys that are not ours go with the record', async () => {
  const { dispatching, stored } = desk({ fields: { 'x-other': [1] } });
  await dispatching.dispatch('idle_5min');
  expect(await stored()).toMatchObject({ 'x-other': [1] });
});

test('E-41: of many events at once each sees what the one before it left', async () => {
  const { dispatching, logged, stored } = desk();
  await Promise.all([
    dispatching.dispatch('idle_5min'),
    dispatching.dispatch('idle_5min'),
    dispatching.dispatch('idle_30min', { payload: { sleep_eligible: true } }),
    dispatching.update((record) => ({ ...record, 'x-note': record.current_state })),
    dispatching.dispatch('request_arrived'),
    dispatching.dispatch('idle_5min', { onlyIf: () => false }),
  ]);
  expect((await logged()).map(({ from, to }) => [from, to])).toEqual([
    ['WAKE', 'DROWSY'],
    ['DROWSY', 'SLEEP'],
    ['SLEEP', 'WAKE'],
  ]);
  expect(await stored()).toMatchObject({ 'x-note': 'SLEEP', current_state: 'WAKE', wrapper_event_seq: 1 });
});

describe('when the disk refuses', () => {
  test('the record, nothing has happened, and the next event starts from what is kept', async () => {
    const { dispatching, ctx, logged } = desk({ files: memoryFiles({ [`${recordPath}/x`]: '' }) });
    await expect(dispatching.dispatch('idle_5min')).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
    expect(dispatching.record().current_state).toBe('WAKE');
    expect(await logged()).toEqual([]);
    await ctx.files.removeTree(recordPath);
    expect(await dispatching.dispatch('idle_5min')).toMatchObject({ transition: { to: 'DROWSY' } });
  });

  test('the log, what happened has happened, is told, and the lost line is counted', async () => {
    const { dispatching, stored } = desk({ files: memoryFiles({ '/state/lifecycle/events': 'a file' }) });
    const heard: ToldEvent[] = [];
    dispatching.watch((event) => heard.push(event));
    await dispatching.dispatch('idle_5min');
    expect([(await stored()).current_state, heard.length, dispatching.eventsLost()]).toEqual(['DROWSY', 1, 1]);
  });
});

test('wherever the power is cut, the record is the old one or the new one, and no transition is told that is not kept', async () => {
  const before = desk();
  await before.dispatching.dispatch('request_arrived');
  const run = async (files: MemoryFiles, heard: ToldEvent[]) => {
    const { dispatching } = desk({ files, fields: before.dispatching.record() });
    dispatching.watch((event) => heard.push(event));
    await dispatching.dispatch('idle_5min');
  };
  const uncut = memoryFiles(before.ctx.files);
  await run(uncut, []);
  expect(uncut.steps()).toBeGreaterThan(5);
  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const heard: ToldEvent[] = [];
    const disk = memoryFiles(before.ctx.files, { cutAt });
    await expect(run(disk, heard)).rejects.toThrow(PowerCut);
    const { record, recovered } = await loadLifecycleState(lifecycleContext(reboot(disk)));
    expect(recovered).toEqual([]);
    expect(heard).toEqual([]);
    const logged = await readEvents(lifecycleContext(reboot(disk)), '2026-05-02');
    expect(logged.length > 0 ? ['DROWSY'] : ['WAKE', 'DROWSY']).toContain(record.current_state);
  }
});
