import { describe, expect, test } from 'vitest';
import { sleepStepIds, type SleepStep, type SleepStepId, type StepDecision, type StepProblem } from '@terok/lifecycle-daemon';
import { getTasks, markTaskDeleting, taskNew, updateTask, type TaskId } from '@terok/orchestration';
import { taskLabels } from '@terok/executor';
import { PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import { hours, launchedTask, startContainer, tidyHouse, type HouseOptions, type TidyHouse } from '../testing/tidy-house.ts';
import { daemonSteps, freshDaemonSteps } from './daemon-steps.ts';

type Ran = { readonly decisions: readonly StepDecision[]; readonly problems: readonly StepProblem[] };

const stepOf = ({ ctx }: TidyHouse, id: SleepStepId): SleepStep => {
  const step = daemonSteps(ctx).find((each) => each.id === id);
  if (step === undefined) throw new Error(`there is no step ${id}`);
  return step;
};

async function run(house: TidyHouse, id: SleepStepId, { dryRun = false, signal = new AbortController().signal } = {}): Promise<Ran> {
  const decisions: StepDecision[] = [];
  const { problems } = await stepOf(house, id).run({ signal, dryRun, report: (decision) => void decisions.push(decision) });
  return { decisions, problems };
}

const plan = (house: TidyHouse, id: SleepStepId) => run(house, id, { dryRun: true });
const changing = ({ decisions }: Ran) => decisions.filter(({ decision }) => !['keep', 'ok', 'warn', 'error'].includes(decision));
/** All that a step can change. Marks of locks come and go with every look. */
const standing = ({ files, runtime, images }: TidyHouse) => ({
  files: [...files.entries].flatMap(([path, entry]) =>
    entry.kind === 'file' ? [`${path} ${Buffer.from(entry.bytes).toString('base64')}`] : [],
  ),
  calls: runtime.calls.filter(({ verb }) => !['ps', 'logs'].includes(verb)).length,
  images: [...images.keys()],
});
/** What a compression frees is known once it is done. */
const asPlanned = ({ decisions, problems }: Ran) => ({
  decisions: decisions.map(({ bytes, ...decision }) => (decision.decision === 'compress' ? decision : { bytes, ...decision })),
  problems,
});

type Messy = TidyHouse & { readonly running: TaskId; readonly ended: TaskId; readonly going: TaskId; readonly cut: TaskId };

const orphanId = 'k0zzz';
const copies = [1, 2, 3, 4, 5].map((day) => `/state/lifecycle/lifecycle_state.json.corrupt-2025120${day}T120000000Z`);
const archive = '/state/archive/demo/tasks/20251101T120000000000Z_m7q2x_old';
const damagedArchive = '/state/archive/demo/tasks/20251102T120000000000Z_p4r5s_odd';
const oldImage = ({ installationId }: TidyHouse['ctx']) => `localhost/terok/${installationId.slice(0, 8)}/l1:old`;
const unfinished = '/state/archive/demo/tasks/.partial-z9z9z';
const temporary = '/state/lifecycle/.digest.json.77-1-ab-1.0f.tmp';

/** Something for every step to do, and beside it something that no step may touch. */
async function messyHouse(options: HouseOptions = { config: 'orphans: {remove: true}\narchive: {retention: 90}\n' }): Promise<Messy> {
  const house = await tidyHouse({ ...options, start: '2025-12-22T12:00:00.000Z' });
  const { ctx, files, runtime, clock, images } = house;
  const running = await launchedTask(house, 'running');
  const ended = await launchedTask(house, 'ended');
  const going = await taskNew(ctx, 'demo', { name: 'going' });
  await markTaskDeleting(ctx, 'demo', going);
  const cut = await taskNew(ctx, 'demo', { name: 'cut-short' });
  await updateTask(ctx, 'demo', cut, { mode: 'run', launching_at: '2025-12-22T12:00:00.000+00:00' });
  clock.advance(hours(8 * 24));
  runtime.finish(`demo-run-${ended}`, 3);
  runtime.finish(await startContainer(ctx, orphanId), 0);
  await startContainer(ctx, 'k1zzz');
  await files.replace(`/state/tasks/demo/k2zzz/workspace/work.txt`, 'unsaved');

  await files.replace(`${archive}/task.json`, '{"task_id":"m7q2x"}');
  await files.replace(`${archive}/logs/container.log`, 'a line of the log\n'.repeat(1000));
  await files.replace(`${damagedArchive}/workspace.tar`, 'torn');
  await files.replace('/state/archive/demo/tasks/20250101T120000000000Z_q9w8e_gone/task.json', '{}');
  await files.replace(temporary, 'half');
  await files.replace(`${unfinished}/task.json`, '{}');
  for (const copy of copies) await files.replace(copy, copy);

  images.set(oldImage(ctx), { id: 'a1', ageHours: 50, bytes: 1000, layer: 'L1' });
  images.set('docker.io/somebody/else:1', { id: 'b2', ageHours: 50, bytes: 1000, layer: null });
  clock.advance(hours(2 * 24));
  return { ...house, running, ended, going, cut };
}

describe('every step', () => {
  test.each(sleepStepIds)('%s: what a dry run says is what is done, and a dry run does nothing', async (id) => {
    const house = await messyHouse();
    const before = standing(house);
    const planned = await plan(house, id);
    expect(standing(house)).toEqual(before);
    expect(asPlanned(await run(house, id))).toEqual(asPlanned(planned));
  });

  test.each(sleepStepIds.filter((id) => id !== 'health'))(
    '%s: has something to do in a messy house, and nothing the second time',
    async (id) => {
      const house = await messyHouse();
      expect(changing(await run(house, id))).not.toEqual([]);
      const before = standing(house);
      expect(changing(await run(house, id))).toEqual([]);
      expect(standing(house)).toEqual(before);
    },
  );

  test.each(sleepStepIds.filter((id) => id !== 'health'))('%s: gives a reason for every decision', async (id) => {
    for (const { subject, reason } of (await plan(await messyHouse(), id)).decisions) {
      expect(subject).not.toBe('');
      expect(reason).not.toBe('');
    }
  });

  test.each(sleepStepIds)('%s: touches neither what runs nor what is not ours', async (id) => {
    const house = await messyHouse();
    await run(house, id);
    expect([...house.images.keys()]).toContain('docker.io/somebody/else:1');
    const touched = house.runtime.calls.filter(({ verb }) => ['stop', 'rm'].includes(verb)).map(({ name }) => name);
    expect(touched).not.toContain(`demo-run-${house.running}`);
    expect(touched).not.toContain('demo-run-k1zzz');
  });

  test.each(sleepStepIds.filter((id) => id !== 'health'))('%s: ends before its first act when somebody is there', async (id) => {
    const house = await messyHouse();
    const before = standing(house);
    await expect(run(house, id, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(standing(house)).toEqual(before);
  });

  test('that asks podman fails when it does not answer, rather than take that for "there is nothing"', async () => {
    const house = await messyHouse();
    house.runtime.failing = true;
    for (const id of ['reconcile-tasks', 'orphans', 'logs', 'images', 'state-hygiene'] as const)
      await expect(run(house, id)).rejects.toThrow(/podman|containers/i);
  });
});

test('a step of a daemon that lives long goes by the settings of the moment', async () => {
  const [before, after] = [await messyHouse({}), await messyHouse()];
  const steps = freshDaemonSteps(before.ctx, () => Promise.resolve(after.ctx));
  expect(steps.map(({ id }) => id)).toEqual(sleepStepIds);
  const decisions: StepDecision[] = [];
  const orphans = steps.find(({ id }) => id === 'orphans');
  await orphans?.run({ signal: new AbortController().signal, dryRun: true, report: (decision) => void decisions.push(decision) });
  expect(decisions.map(({ decision }) => decision)).toContain('archive and remove');
});

/** All that is on the disk but what is made anew each time: names of archives are those of the moment. */
const rest = (files: MemoryFiles) => files.paths().filter((path) => !path.endsWith('.tmp'));

test.each(['reconcile-tasks', 'orphans', 'logs', 'archive', 'state-hygiene'] as const)(
  '%s: cut short by a power cut anywhere, it is done by the next run, and no work is lost',
  async (id) => {
    const uncut = await messyHouse();
    const begin = uncut.files.steps();
    await run(uncut, id);
    const steps = uncut.files.steps() - begin;
    const stride = Math.max(1, Math.floor(steps / 40));
    for (let cut = 0; cut < steps; cut += stride) {
      const house = await messyHouse();
      const cutHouse = await tidyHouse({
        config: 'orphans: {remove: true}\narchive: {retention: 90}\n',
        files: house.files,
        runtime: house.runtime,
        cutAt: cut,
      });
      await expect(run(cutHouse, id)).rejects.toThrow(PowerCut);
      const again = await tidyHouse({
        config: 'orphans: {remove: true}\narchive: {retention: 90}\n',
        files: reboot(cutHouse.files),
        runtime: house.runtime,
      });
      again.clock.advance(hours(24));
      await run(again, id);
      expect(changing(await plan(again, id))).toEqual([]);
      expect(workKept(again.files)).toEqual(workKept(uncut.files));
      expect(rest(again.files).length).toBeGreaterThanOrEqual(rest(uncut.files).length);
    }
  },
  120_000,
);

/** Of every task that there was: a record, or an archive. */
function workKept(files: MemoryFiles): readonly string[] {
  const tasks = files.paths().flatMap((path) => {
    const record = /^\/state\/core\/projects\/demo\/tasks\/([a-z0-9]+)_meta\.yml$/.exec(path)?.[1];
    const archived = /^\/state\/archive\/demo\/tasks\/[0-9TZ]+_([a-z0-9]+)[^/]*\/task\.json$/.exec(path)?.[1];
    const folder = /^\/state\/tasks\/demo\/([a-z0-9]+)\/workspace\/work\.txt$/.exec(path)?.[1];
    return record ?? archived ?? folder ?? [];
  });
  return [...new Set(tasks)].toSorted();
}

describe('reconcile-tasks', () => {
  test('records an end, takes a launch back and finishes a deletion', async () => {
    const house = await messyHouse();
    const { decisions } = await run(house, 'reconcile-tasks');
    expect(new Map(decisions.map(({ subject, decision }) => [subject, decision]))).toEqual(
      new Map([
        [`task demo/${house.ended}`, 'record'],
        [`task demo/${house.cut}`, 'record'],
        [`task demo/${house.going}`, 'archive and remove'],
      ]),
    );
    const tasks = await getTasks(house.ctx, 'demo');
    expect(tasks.map(({ taskId }) => taskId)).not.toContain(house.going);
    expect(tasks.find(({ taskId }) => taskId === house.ended)).toMatchObject({ status: 'failed', exitCode: 3 });
  });

  test('names a record that cannot be read, and leaves it to a person', async () => {
    const house = await tidyHouse();
    const id = await taskNew(house.ctx, 'demo', {});
    await house.files.replace(`/state/core/projects/demo/tasks/${id}_meta.yml`, '{');
    const before = standing(house);
    const [problem] = (await run(house, 'reconcile-tasks')).problems;
    expect(problem?.problem).toContain(`${id}_meta.yml is damaged`);
    expect(problem?.fix).toBe(`terok task delete demo ${id}`);
    expect(standing(house)).toEqual(before);
  });
});

describe('orphans', () => {
  const subjects = ({ decisions }: Ran, decision: string) =>
    decisions.filter((each) => each.decision === decision).map(({ subject }) => subject);

  test('are archived and removed where that was asked for, with their logs and all that was in their workspace', async () => {
    const house = await messyHouse();
    const ran = await run(house, 'orphans');
    expect(subjects(ran, 'archive and remove')).toEqual([`task demo/${orphanId}`, 'task demo/k2zzz']);
    const archived = house.files
      .paths()
      .filter((path) => /_k[02]zzz\//.test(path))
      .map((path) => path.replace(/.*_(k\dzzz)/, '$1'));
    expect(archived).toEqual(expect.arrayContaining([`${orphanId}/logs/container.log`, 'k2zzz/workspace.tar']) as string[]);
    expect(house.files.text('/state/tasks/demo/k2zzz/workspace/work.txt')).toBeNull();
  });

  test('that run stay, and are told', async () => {
    const { problems } = await run(await messyHouse(), 'orphans');
    expect(problems).toMatchObject([{ problem: expect.stringContaining('and it runs') as string, fix: 'podman stop demo-run-k1zzz' }]);
  });

  test('stay where removing was not asked for, and are told with what to do', async () => {
    const house = await messyHouse({});
    const ran = await run(house, 'orphans');
    expect(subjects(ran, 'keep')).toHaveLength(3);
    expect(ran.problems).toHaveLength(3);
    expect(changing(ran)).toEqual([]);
    expect(house.files.text('/state/tasks/demo/k2zzz/workspace/work.txt')).toBe('unsaved');
  });

  test('that are young are left to whoever may be making them', async () => {
    const house = await tidyHouse({ config: 'orphans: {remove: true}\n' });
    house.runtime.finish(await startContainer(house.ctx, orphanId), 0);
    await house.files.replace('/state/tasks/demo/k2zzz/workspace/work.txt', 'unsaved');
    expect(changing(await run(house, 'orphans'))).toEqual([]);
    house.clock.advance(hours(2));
    expect(changing(await run(house, 'orphans'))).toHaveLength(2);
  });

  test('of others are none of ours, and neither are containers whose labels name no task', async () => {
    const house = await tidyHouse({ config: 'orphans: {remove: true}\n' });
    house.runtime.finish(await startContainer({ ...house.ctx, installationId: 'f'.repeat(32) }, orphanId), 0);
    const spec = house.runtime.specs.get(`demo-run-${orphanId}`);
    if (spec === undefined) throw new Error('the container was made');
    const labels = taskLabels(house.ctx.installationId, { projectId: '../demo', taskId: '..', mode: 'run', launchId: 'x' });
    await house.runtime.create({ ...spec, name: 'odd', labels });
    house.clock.advance(hours(48));
    expect((await run(house, 'orphans')).decisions).toEqual([]);
  });
});

describe('logs', () => {
  test('are taken over from podman when a task has ended, and compressed a week later', async () => {
    const house = await messyHouse();
    await run(house, 'reconcile-tasks');
    const log = `/state/tasks/demo/${house.ended}/logs/container.log`;
    expect(changing(await run(house, 'logs'))).toMatchObject([{ subject: `log of demo/${house.ended}`, decision: 'capture' }]);
    expect(house.files.text(log)).toContain('a line of the log');
    expect(changing(await run(house, 'logs'))).toEqual([]);

    house.clock.advance(hours(6 * 24));
    const [compressed] = changing(await run(house, 'logs'));
    expect(compressed).toMatchObject({ decision: 'compress' });
    expect(compressed?.bytes).toBeGreaterThan(0);
    expect([house.files.text(log) !== null, house.files.paths().includes(`${log}.gz`)]).toEqual([false, true]);
    expect(changing(await run(house, 'logs'))).toEqual([]);
  });
});

describe('archive', () => {
  test('verifies and compresses, and removes only beyond the limits that are set', async () => {
    const house = await messyHouse();
    const { decisions, problems } = await run(house, 'archive');
    expect(decisions.filter(({ decision }) => decision === 'remove').map(({ subject }) => subject)).toEqual([
      'archive /state/archive/demo/tasks/20250101T120000000000Z_q9w8e_gone',
    ]);
    expect(problems).toEqual([
      { subject: `archive ${damagedArchive}`, problem: 'its task.json cannot be read' },
      { subject: `archive ${damagedArchive}`, problem: 'workspace.tar is no whole tar archive' },
    ]);
    expect(house.files.paths()).toContain(`${archive}/logs/container.log.gz`);
    expect(house.files.paths()).not.toContain(`${archive}/logs/container.log`);
  });

  test('removes nothing unless it was told to', async () => {
    const house = await messyHouse({});
    expect((await run(house, 'archive')).decisions.map(({ decision }) => decision)).not.toContain('remove');
  });

  test('notices a compressed log that is damaged', async () => {
    const house = await messyHouse();
    await run(house, 'archive');
    await house.files.replace(`${archive}/logs/container.log.gz`, 'torn');
    expect((await run(house, 'archive')).problems).toContainEqual({
      subject: `archive ${archive}`,
      problem: 'its compressed log is damaged',
    });
  });
});

describe('images', () => {
  test('that no project needs go, with what that frees', async () => {
    const house = await messyHouse();
    const { decisions } = await run(house, 'images');
    expect(decisions).toContainEqual({
      subject: `image ${oldImage(house.ctx)}`,
      decision: 'remove',
      reason: 'no project needs it any more',
      bytes: 1000,
    });
    expect([...house.images.keys()]).toEqual(['docker.io/somebody/else:1']);
  });

  test('stay while it is not known what a project needs', async () => {
    const house = await messyHouse();
    await house.files.replace('/config/projects/broken/project.yml', 'repositry: /r\n');
    const { problems } = await run(house, 'images');
    expect(problems).toMatchObject([{ subject: 'project broken', fix: 'terok project edit broken' }]);
    expect(house.images.size).toBe(2);
  });
});

describe('state-hygiene', () => {
  test('takes what dead writers left, and all but the three newest damaged copies', async () => {
    const house = await messyHouse();
    const { decisions } = await run(house, 'state-hygiene');
    expect(decisions.map(({ subject }) => subject)).toEqual([
      `folder ${unfinished}`,
      ...[temporary, ...copies.slice(0, 2)].map((path) => `file ${path}`),
    ]);
    expect(house.files.paths()).toEqual(expect.arrayContaining(copies.slice(2)) as string[]);
  });

  test('looks at nothing that a container can write to', async () => {
    const house = await tidyHouse();
    const id = await taskNew(house.ctx, 'demo', {});
    for (const place of ['workspace', 'home', 'agent-config'])
      await house.files.replace(`/state/tasks/demo/${id}/${place}/.x.0f.tmp`, 'mine');
    house.clock.advance(hours(100));
    expect((await run(house, 'state-hygiene')).decisions).toEqual([]);
  });

  test('leaves a file alone whose writer may still live', async () => {
    const house = await tidyHouse();
    await house.files.replace(temporary, 'half');
    house.clock.advance(hours(23));
    expect((await run(house, 'state-hygiene')).decisions).toEqual([]);
  });

  test('clears the lock of the dead, and waits for none that is held', async () => {
    const house = await tidyHouse();
    const lock = '/state/core/projects/demo/tasks/.k3v8h.lock';
    await house.files.claim(`${lock}/holder`, 'changing task demo/k3v8h');
    expect((await run(house, 'state-hygiene')).decisions).toEqual([]);

    const dead = { ...house.files, readClaim: async (path: string) => deadIfFirst(await house.files.readClaim(path)) };
    const ctx = { ...house.ctx, files: dead };
    const [first] = (await run({ ...house, ctx }, 'state-hygiene')).decisions;
    expect(first).toMatchObject({ subject: `lock ${lock}`, decision: 'clear' });
    expect(await house.files.list(lock)).toEqual([]);

    function deadIfFirst(claim: Awaited<ReturnType<MemoryFiles['readClaim']>>) {
      return claim?.note === 'changing task demo/k3v8h' ? { ...claim, alive: false } : claim;
    }
  });
});

describe('health', () => {
  test('makes a problem of what keeps terok from working, and only a remark of a warning', async () => {
    const house = await tidyHouse();
    const { decisions, problems } = await run(house, 'health');
    expect(decisions).toContainEqual({ subject: 'setup', decision: 'error', reason: 'never done on this machine' });
    expect(problems).toContainEqual({ subject: 'setup', problem: 'never done on this machine', fix: 'terok setup' });
    const warned = decisions.filter(({ decision }) => decision !== 'error').map(({ subject }) => subject);
    for (const { subject } of problems) expect(warned).not.toContain(subject);
  });
});
