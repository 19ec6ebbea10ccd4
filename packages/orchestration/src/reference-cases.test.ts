/**
 * The edge cases that the reference implementation pins down, by the number they have there, as far as this design keeps them:
 * identity (1–24), names (25–43), records (44–61), queries (80–95), making, deleting and archiving (97–114), projects (179–194).
 */
import { TerokError } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import * as yaml from 'yaml';
import { describe, expect, test } from 'vitest';
import { CONTAINER_MODES, containerName } from './containers/container-name.ts';
import { parseProject } from './projects/project-config.ts';
import { listProjects } from './projects/projects.ts';
import { taskRun } from './runners/run-task.ts';
import { listArchivedTasks, taskArchiveLogs } from './tasks/archive.ts';
import { isTaskId, newTaskId, normalizeTaskIdInput, reserveTaskId, resolveTaskId } from './tasks/identity.ts';
import { taskDelete, taskRename } from './tasks/lifecycle.ts';
import {
  agentConfigDir,
  dossierPath,
  iterTaskIds,
  loadTaskMeta,
  markTaskDeleting,
  readTaskMeta,
  tasksArchiveDir,
  tasksMetaDir,
  updateTask,
  updateTaskExitCode,
  writeTaskMeta,
} from './tasks/meta.ts';
import { categoriesForProject, isNameCategory, sanitizeTaskName, validateTaskName } from './tasks/naming.ts';
import { generateTaskName, taskNew } from './tasks/new-task.ts';
import { getAllTaskStates, getTaskContainerState, getTaskMeta, getTasks, lookupContainerByPt, taskList } from './tasks/query.ts';
import { memoryWorld } from './testing/memory-world.ts';
import { metaDir, storeContext } from './testing/store-context.ts';

const code = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
const recorded = (...ids: readonly string[]) =>
  storeContext(memoryFiles(Object.fromEntries(ids.map((id) => [`${metaDir}/${id}_meta.yml`, 'mode: run\n']))));

describe('identity', () => {
  const ids = ['k3v8h', 'k3v8j', 'g1v01'];
  test.each([
    [5, isTaskId('k3v8h'), true],
    [6, [null, 'k3v8', 'k3v8hh', 'abcde', 'deadb', 'k3v8i', 'K3V8H', 'kkv8h'].filter(isTaskId), []],
    [7, ['K3V8H', 'k3-v8h', 'g1vol', '--'].map(normalizeTaskIdInput), ['k3v8h', 'k3v8h', 'g1v01', '']],
    [
      24,
      [...CONTAINER_MODES.map((mode) => containerName('proj', mode, 'k3v8h'))],
      ['proj-cli-k3v8h', 'proj-web-k3v8h', 'proj-run-k3v8h', 'proj-toad-k3v8h'],
    ],
  ])('case %i', (_, found: unknown, expected: unknown) => {
    expect(found).toEqual(expected);
  });

  test('cases 1 and 2: many drawn at once have the shape and differ', async () => {
    const { ctx } = await memoryWorld();
    const drawn = Array.from({ length: 100 }, () => newTaskId(ctx.random));
    expect(drawn.every(isTaskId)).toBe(true);
    expect(new Set(drawn).size).toBe(100);
  });

  test('cases 3 and 4: a taken ID is drawn again, and for ever is a mistake after exactly 100 draws', async () => {
    const { ctx } = await memoryWorld();
    let draws = 0;
    expect(isTaskId(await reserveTaskId(ctx.random, async () => ++draws === 2))).toBe(true);
    draws = 0;
    await expect(reserveTaskId(ctx.random, async () => ++draws === 0)).rejects.toThrow('after 100 attempts');
    expect(draws).toBe(100);
  });

  test.each([
    [8, 'k3v8h', 'k3v8h'],
    [9, 'g1v0', 'g1v01'],
    [10, 'g', 'g1v01'],
    [11, 'k3v8', 'TASK_AMBIGUOUS'],
    [12, 'z9zzz', 'TASK_UNMATCHED'],
    [14, '../../etc', 'TASK_ID_INVALID'],
    [15, 'K3V8H', 'k3v8h'],
    [16, 'k3-v8h', 'k3v8h'],
    [17, 'G1-VOL', 'g1v01'],
    [18, '', 'TASK_ID_EMPTY'],
    [19, 'i', 'TASK_ID_HEAD'],
    [19, 'l', 'TASK_ID_HEAD'],
    [19, 'o', 'TASK_ID_HEAD'],
    [20, 'u', 'TASK_ID_INVALID'],
    [21, 'k3v8hh', 'TASK_ID_INVALID'],
    [23, 'k3v8h\n', 'TASK_ID_INVALID'],
  ])('case %i: %j is %s', async (_, input, expected) => {
    const found = await resolveTaskId(recorded(...ids), 'demo', input).catch((error: unknown) => error);
    expect(found instanceof TerokError ? found.code : found).toBe(expected);
  });

  test('case 13: a project without records has no tasks', async () => {
    expect(await code(resolveTaskId(storeContext(memoryFiles()), 'demo', 'k3v8h'))).toBe('TASKS_NONE');
  });

  test('case 22: what is no ID does not count', async () => {
    expect(await resolveTaskId(recorded('k3v8h', 'kzzz.bak'), 'demo', 'k')).toBe('k3v8h');
  });
});

describe('names', () => {
  test.each([
    [25, null, null],
    [25, '', null],
    [25, '   ', null],
    [25, '@#$%^&', null],
    [26, 'fix auth bug', 'fix-auth-bug'],
    [27, 'fix_auth_bug', 'fix_auth_bug'],
    [28, 'fix@auth#bug!', 'fixauthbug'],
    [29, 'Fix-Auth-Bug', 'fix-auth-bug'],
    [30, 'fix---auth---bug', 'fix-auth-bug'],
    [31, 'fix-bug-', 'fix-bug'],
    [32, '-fix-bug', '-fix-bug'],
    [33, '  Fix__Auth  Bug!! ', 'fix__auth-bug'],
    [34, '42', '42'],
    [35, 'a'.repeat(100), 'a'.repeat(60)],
    [36, `${'a'.repeat(59)}-b`, 'a'.repeat(59)],
  ])('case %i: %j', (_, raw, expected) => {
    expect(sanitizeTaskName(raw)).toBe(expected);
  });

  test('cases 32 and 34: a hyphen in front is refused, a number is a name', () => {
    expect([validateTaskName('-fix-bug'), validateTaskName('42')]).toEqual([expect.stringContaining('hyphen'), null]);
  });

  test.each([
    [37, '@@@'],
    [37, '-x'],
  ])('case %i: a task called %j is not made', async (_, name) => {
    const { ctx, files } = await memoryWorld();
    const before = files.paths();
    expect(await code(taskNew(ctx, 'demo', { name }))).toBe('TASK_NAME_INVALID');
    expect(files.paths()).toEqual(before);
  });

  test('case 38: a made-up name is two words', async () => {
    const { ctx } = await memoryWorld();
    expect(await generateTaskName(ctx, 'demo')).toMatch(/^[a-z]+-[a-z0-9]+$/);
  });

  test('cases 39 to 41: renaming stores the sanitised name, or nothing', async () => {
    const { ctx } = await memoryWorld();
    const id = await taskNew(ctx, 'demo', { name: 'before' });
    const codes = [
      await code(taskRename(ctx, 'demo', id, '!!!')),
      await code(taskRename(ctx, 'demo', id, '-x')),
      await code(taskRename(ctx, 'demo', 'z9zzz', 'x')),
    ];
    expect(codes).toEqual(['TASK_NAME_INVALID', 'TASK_NAME_INVALID', 'TASK_NOT_FOUND']);
    expect((await getTaskMeta(ctx, 'demo', id)).name).toBe('before');
    await taskRename(ctx, 'demo', id, 'Fix Bug');
    expect((await getTaskMeta(ctx, 'demo', id)).name).toBe('fix-bug');
  });

  test('cases 42 and 43: categories are the project`s, else those for all, else three that follow from its name', () => {
    const [one, again] = [categoriesForProject('one', null, null), categoriesForProject('one', null, null)];
    expect(one).toEqual(again);
    expect([one.length, one.every(isNameCategory)]).toEqual([3, true]);
    const projects = Array.from({ length: 20 }, (_, index) => categoriesForProject(`p${index}`, null, null).join());
    expect(new Set(projects).size).toBeGreaterThan(5);
    expect(categoriesForProject('one', ['general'], ['animals'])).toEqual(['general']);
    expect(categoriesForProject('one', null, one.slice(0, 1))).toEqual(one.slice(0, 1));
  });
});

describe('records', () => {
  const read = (entries: Readonly<Record<string, string>>) =>
    readTaskMeta(
      storeContext(memoryFiles(Object.fromEntries(Object.entries(entries).map(([name, text]) => [`${metaDir}/${name}`, text])))),
      metaDir,
      'k3v8h',
    );

  test.each([
    [44, {}, null],
    [45, { 'k3v8h_meta.yml': 'mode: run\n' }, { mode: 'run' }],
    [46, { 'k3v8h_dossier.json': '{"project":"demo","task":"k3v8h","name":"x"}' }, { project_id: 'demo', task_id: 'k3v8h', name: 'x' }],
    [47, { 'k3v8h_meta.yml': 'mode: run\n', 'k3v8h_dossier.json': ' \n' }, { mode: 'run' }],
    [48, { 'k3v8h_dossier.json': '{"task":"k3v8h","foo":1}' }, { task_id: 'k3v8h' }],
  ])('case %i: %j', async (_, entries, expected) => {
    expect(await read(entries)).toEqual(expected);
  });

  test('both names of the project key, and old modes, are read', async () => {
    expect(await read({ 'k3v8h_meta.yml': 'project_name: old\nmode: toad\nweb_port: 7681\nlegacy: {a: [1]}\n' })).toEqual({
      project_id: 'old',
      mode: 'toad',
      web_port: 7681,
      legacy: { a: [1] },
    });
    expect(await read({ 'k3v8h_meta.yml': 'project_id: new\nproject_name: old\n' })).toMatchObject({ project_id: 'new' });
  });

  test('cases 49, 50 and 60: unknown keys survive, an empty name is left out, any reader of YAML 1.2 and JSON reads the files, and nothing else is left', async () => {
    const ctx = storeContext(memoryFiles());
    const record = {
      project_id: 'demo',
      task_id: 'k3v8h',
      name: '',
      mode: null,
      created_at: '2026-01-01T00:00:00.000+00:00',
      x: 1,
      yes: 'no',
      text: '1e3: # - "\n\t☃',
      list: [1, null],
    };
    await writeTaskMeta(ctx, dossierPath(metaDir, 'k3v8h'), record);
    const { name: _, ...kept } = record;
    expect(await readTaskMeta(ctx, metaDir, 'k3v8h')).toEqual(kept);
    const files = ctx.files as ReturnType<typeof memoryFiles>;
    const { project_id, task_id, ...bookkeeping } = kept;
    expect(JSON.parse(files.text(`${metaDir}/k3v8h_dossier.json`) ?? '')).toEqual({ project: project_id, task: task_id });
    expect(yaml.parse(files.text(`${metaDir}/k3v8h_meta.yml`) ?? '', { version: '1.2' })).toEqual(bookkeeping);
    expect(files.paths()).toEqual([`${metaDir}/k3v8h_dossier.json`, `${metaDir}/k3v8h_meta.yml`]);
  });

  test.each(['k3v8h.json', 'k3v8h_meta.yml', 'x.txt'])('case 51: %s is no handle', async (name) => {
    await expect(writeTaskMeta(storeContext(memoryFiles()), `${metaDir}/${name}`, {})).rejects.toThrow('not a dossier-file handle');
  });

  test('case 52: an ID is listed once, and nothing else', async () => {
    const files = memoryFiles({
      [`${metaDir}/k3v8h_meta.yml`]: '',
      [`${metaDir}/k3v8h_dossier.json`]: '',
      [`${metaDir}/x_meta.yml.tmp`]: '',
      [`${metaDir}/notes.txt`]: '',
    });
    await files.ensureDirectory(`${metaDir}/folder_meta.yml`);
    expect(await Array.fromAsync(iterTaskIds({ files }, metaDir))).toEqual(['k3v8h']);
  });

  test.each(['../x', '', '.', 'a/b', 'a\\b', '..x'])('cases 53 and 54: %j leads nowhere', async (name) => {
    const ctx = storeContext(memoryFiles());
    const unsafe = expect.objectContaining({ code: 'PATH_SEGMENT_UNSAFE' }) as Error;
    expect(() => dossierPath(metaDir, name)).toThrow(unsafe);
    expect(() => tasksMetaDir(ctx, name)).toThrow(unsafe);
    expect(() => tasksArchiveDir(ctx, name)).toThrow(unsafe);
    await expect(agentConfigDir(ctx, name, 'k3v8h')).rejects.toThrow(unsafe);
  });

  test('cases 55 to 59: modes, marks and exit codes', async () => {
    const { ctx } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    expect((await loadTaskMeta(ctx, 'demo', id, { expectedMode: 'cli' })).record.created_at).toBe('2026-08-20T12:00:00.000+00:00');
    await updateTask(ctx, 'demo', id, { mode: 'run' });
    expect(await code(loadTaskMeta(ctx, 'demo', id, { expectedMode: 'cli' }))).toBe('TASK_MODE_CONFLICT');
    await markTaskDeleting(ctx, 'demo', id);
    await markTaskDeleting(ctx, 'demo', 'z9zzz');
    await updateTaskExitCode(ctx, 'demo', 'z9zzz', 1);
    expect((await loadTaskMeta(ctx, 'demo', id)).record).toMatchObject({ deleting: true });
  });

  test('case 61: many readers and writers at once', async () => {
    const { ctx } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    await Promise.all(
      Array.from({ length: 16 }, (_, number) =>
        number % 2 === 0 ? updateTask(ctx, 'demo', id, { [`x_${number}`]: number }) : getTasks(ctx, 'demo'),
      ),
    );
    expect((await loadTaskMeta(ctx, 'demo', id)).record).toMatchObject({ rev: 8, x_0: 0, x_14: 14 });
  });
});

describe('queries', () => {
  test('case 80: without tasks nobody is asked', async () => {
    const { ctx, runtime } = await memoryWorld();
    expect(await taskList(ctx, 'demo')).toEqual([]);
    expect(runtime.calls).toEqual([]);
  });

  test('cases 81 to 86 and 90: filters, states and names', async () => {
    const { ctx, runtime } = await memoryWorld();
    const idle = await taskNew(ctx, 'demo');
    const { taskId, containerName: name } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
    const ids = async (filter: Parameters<typeof taskList>[2]) =>
      (await taskList(ctx, 'demo', filter)).map((task) => task.taskId as string);
    expect([await ids({ mode: 'run' }), await ids({ mode: 'cli' }), await ids({ mode: 'run', agent: 'other' })]).toEqual([
      [taskId],
      [],
      [],
    ]);
    expect(
      await getAllTaskStates(ctx, 'demo', [
        { taskId: idle, mode: null },
        { taskId, mode: 'run' },
      ]),
    ).toEqual(
      new Map<string, unknown>([
        [idle, null],
        [taskId, 'running'],
      ]),
    );
    expect(
      await Promise.all([
        lookupContainerByPt(ctx, '../x', taskId),
        lookupContainerByPt(ctx, 'demo', '../x'),
        lookupContainerByPt(ctx, 'demo', 'z9zzz'),
        lookupContainerByPt(ctx, 'demo', idle),
        lookupContainerByPt(ctx, 'demo', taskId),
      ]),
    ).toEqual([null, null, null, null, name]);
    runtime.failing = true;
    expect(await code(taskList(ctx, 'demo', { status: 'running' }))).toBe('CONTAINERS_UNKNOWN');
    expect(await getAllTaskStates(ctx, 'demo', [])).toBeNull();
  });

  test('cases 87 to 89: an unknown task, and one without a mode, of which podman is not asked', async () => {
    const { ctx, runtime } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    expect(await code(getTaskMeta(ctx, 'demo', 'z9zzz'))).toBe('TASK_NOT_FOUND');
    const asked = runtime.calls.length;
    expect([await getTaskContainerState(ctx, 'demo', id, null), runtime.calls.length]).toEqual([null, asked]);
    expect(await getTaskMeta(ctx, 'demo', id)).toMatchObject({ mode: null, containerState: null, status: 'created' });
  });

  test('case 95: a record that cannot be read is shown, and the others with it', async () => {
    const { ctx, files } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    await files.replace(`${metaDir}/k3v8h_meta.yml`, '[');
    expect(new Map((await getTasks(ctx, 'demo')).map(({ taskId, status }) => [taskId as string, status]))).toEqual(
      new Map([
        [id as string, 'created'],
        ['k3v8h', 'damaged'],
      ]),
    );
  });
});

describe('making, deleting and archiving', () => {
  test('cases 97 and 98: a workspace, a mark, a README and a whole record; never the same twice', async () => {
    const { ctx, files } = await memoryWorld();
    const [first, second] = [await taskNew(ctx, 'demo'), await taskNew(ctx, 'demo')];
    expect(first).not.toBe(second);
    const folder = `/state/tasks/demo/${first}`;
    expect((await files.stat(`${folder}/workspace`))?.mode).toBe(0o700);
    expect([files.text(`${folder}/workspace/.new-task-marker`), files.text(`${folder}/README.md`)].every((text) => text !== null)).toBe(
      true,
    );
  });

  test('cases 99, 100, 101, 109 and 112: records and folder go, one archive comes, which says what it was of', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const idle = await taskNew(ctx, 'demo', { name: 'idle' });
    const { taskId, containerName: name } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell', name: 'busy' });
    runtime.finish(name, 7);
    const [first, second] = [await taskDelete(ctx, 'demo', idle), await taskDelete(ctx, 'demo', taskId)];
    expect([...first.warnings, ...second.warnings]).toEqual([]);
    expect(files.paths().filter((path) => path.startsWith('/state/tasks') || path.startsWith(metaDir))).toEqual([]);
    expect((await files.list(first.archive ?? '')).map(({ name: entry }) => entry)).toEqual(['task.json']);
    expect(second.archive).toMatch(new RegExp(`_${taskId}_busy$`));
    await files.replace('/state/archive/demo/tasks/notes.txt', '');
    await files.replace('/state/archive/demo/tasks/20270101T000000000000Z_g0000/task.json', '{');
    expect((await listArchivedTasks(ctx, 'demo')).map((task) => [task.taskId, task.name, task.exitCode])).toEqual(
      [
        [taskId as string, 'busy', 7],
        [idle as string, 'idle', null],
      ].toSorted((a, b) => (String(a[0]) < String(b[0]) ? 1 : -1)),
    );
  });

  test('case 111: without an archive there is no log', async () => {
    const { ctx } = await memoryWorld();
    expect(await taskArchiveLogs(ctx, 'demo', 'k3v8h')).toBeNull();
  });

  test('case 114: a task whose record cannot be read is deleted, and its bytes are kept', async () => {
    const { ctx, files } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    await files.replace(`${metaDir}/${id}_meta.yml`, 'mode: [\n');
    const { archive } = await taskDelete(ctx, 'demo', id);
    expect(files.text(`${archive}/damaged_meta.yml`)).toBe('mode: [\n');
  });
});

describe('projects', () => {
  test.each([
    [179, 'repository: /r\nnetwork: {moed: open}\n', [2, 'network.moed']],
    [179, 'repository: /r\nbrnach: main\n', [2, 'brnach']],
    [189, 'repository: /r\nlimits:\n  memory: 4 gigs\n', [3, 'limits.memory']],
    [189, 'repository: /r\nlimits:\n  cpus: -1\n', [3, 'limits.cpus']],
  ] as const)('case %i: %j is refused where it stands', async (_, text, [line, path]) => {
    const { ctx } = await memoryWorld();
    expect(parseProject('demo', text, '/p.yml', ctx.config)).toMatchObject({ kind: 'invalid', problems: [{ line, path }] });
  });

  test('case 180: an empty section is one that is not there', async () => {
    const { ctx } = await memoryWorld();
    const sections = ['image', 'run', 'network', 'limits', 'git', 'secrets', 'tasks'];
    const bare = parseProject('demo', 'repository: /r\n', '/p.yml', ctx.config);
    expect(bare.kind).toBe('read');
    expect(parseProject('demo', `repository: /r\n${sections.map((name) => `${name}:\n`).join('')}`, '/p.yml', ctx.config)).toEqual(bare);
  });

  test('cases 184 and 186: a broken project is shown with what is wrong, and hides no other; nothing in it commands a terminal', async () => {
    const { ctx, files } = await memoryWorld();
    await files.replace('/config/projects/broken/project.yml', 'repository: /r\n"a\\u001b[31mb": 1\n');
    await files.replace('/config/projects/binary/project.yml', Uint8Array.of(0xff, 0xfe));
    const listed = await listProjects(ctx);
    expect(listed.map((listing) => [listing.id, 'problems' in listing])).toEqual([
      ['binary', true],
      ['broken', true],
      ['demo', false],
    ]);
    expect(JSON.stringify(listed)).not.toMatch(/\\u001b/);
  });
});
