import { TerokError } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseAnyYaml } from 'yaml';
import {
  agentConfigDir,
  dossierPath,
  iterTaskIds,
  loadTaskMeta,
  markTaskDeleting,
  metaPath,
  readTaskMeta,
  readTaskRecord,
  removeTaskMeta,
  taskExists,
  tasksArchiveDir,
  tasksMetaDir,
  updateTask,
  updateTaskExitCode,
  writeTaskMeta,
} from './meta.ts';
import { metaDir, storeContext } from '../testing/store-context.ts';

const yaml = `${metaDir}/k3v8h_meta.yml`;
const dossier = `${metaDir}/k3v8h_dossier.json`;
const fresh = {
  project_id: 'demo',
  task_id: 'k3v8h',
  name: 'talented-toucan',
  mode: null,
  workspace: '/state/tasks/demo/k3v8h',
  web_port: null,
  created_at: '2026-08-20T12:34:56.789+00:00',
};

const stored = {
  [yaml]:
    "mode: run\nworkspace: /state/tasks/demo/k3v8h\nweb_port:\ncreated_at: '2026-08-20T12:34:56.789012+00:00'\nx_other: [1, {a: b}]\n",
  [dossier]: '{\n  "project": "demo",\n  "task": "k3v8h",\n  "name": "talented-toucan"\n}\n',
};

describe('the places of a task', () => {
  const ctx = storeContext(memoryFiles());

  test('are fixed by project and ID', async () => {
    expect(tasksMetaDir(ctx, 'demo')).toBe('/state/core/projects/demo/tasks');
    expect(tasksArchiveDir(ctx, 'demo')).toBe('/state/archive/demo/tasks');
    expect(await agentConfigDir(ctx, 'demo', 'k3v8h')).toBe('/state/tasks/demo/k3v8h/agent-config');
    expect(dossierPath(metaDir, 'k3v8h')).toBe(dossier);
    expect(metaPath(metaDir, 'k3v8h')).toBe(yaml);
  });

  test.each(['../x', '', '.', '..', 'a/b', 'a\\b', '..x', 'a\0b', 'a\nb'])('%j leads nowhere', async (segment) => {
    const unsafe: unknown = expect.objectContaining({ code: 'PATH_SEGMENT_UNSAFE' });
    for (const path of [
      () => dossierPath(metaDir, segment),
      () => metaPath(metaDir, segment),
      () => tasksMetaDir(ctx, segment),
      () => tasksArchiveDir(ctx, segment),
    ]) {
      expect(path).toThrow(unsafe);
    }
    await expect(agentConfigDir(ctx, segment, 'k3v8h')).rejects.toEqual(unsafe);
    await expect(agentConfigDir(ctx, 'demo', segment)).rejects.toEqual(unsafe);
  });
});

describe('reading a record', () => {
  test('joins both halves', async () => {
    expect(await readTaskMeta({ files: memoryFiles(stored) }, metaDir, 'k3v8h')).toEqual({
      mode: 'run',
      workspace: '/state/tasks/demo/k3v8h',
      web_port: null,
      created_at: '2026-08-20T12:34:56.789012+00:00',
      x_other: [1, { a: 'b' }],
      project_id: 'demo',
      task_id: 'k3v8h',
      name: 'talented-toucan',
    });
  });

  test('is null when there is neither half', async () => {
    expect(await readTaskMeta({ files: memoryFiles() }, metaDir, 'k3v8h')).toBeNull();
    expect(await readTaskRecord(storeContext(memoryFiles()), 'demo', 'k3v8h')).toEqual({ kind: 'absent' });
  });

  test.each<[what: string, half: Record<string, string>, record: object]>([
    ['only the bookkeeping', { [yaml]: 'mode: cli\n' }, { mode: 'cli' }],
    ['only the dossier', { [dossier]: stored[dossier] }, { project_id: 'demo', task_id: 'k3v8h', name: 'talented-toucan' }],
    ['an empty dossier', { [dossier]: '', [yaml]: 'mode: cli' }, { mode: 'cli' }],
    ['a dossier of blanks', { [dossier]: ' \n' }, {}],
    ['an empty bookkeeping file', { [yaml]: '' }, {}],
    ['a comment for bookkeeping', { [yaml]: '# nothing\n' }, {}],
    ['a null document', { [yaml]: '---\n' }, {}],
    ['an unknown key in the dossier', { [dossier]: '{"foo": 1, "name": "a"}' }, { name: 'a' }],
    ['empty scalars', { [yaml]: 'mode:\nexit_code: ~\nweb_port: null\n' }, { mode: null, exit_code: null, web_port: null }],
    ['a legacy mode', { [yaml]: 'mode: toad\nweb_port: 18700\nweb_token: abc\n' }, { mode: 'toad', web_port: 18700, web_token: 'abc' }],
    [
      'the older key of the project',
      { [yaml]: 'project_name: demo\nname: a\ntask_id: k3v8h\n' },
      { project_id: 'demo', name: 'a', task_id: 'k3v8h' },
    ],
    ['an empty project beside the older key', { [yaml]: "project_id: ''\nproject_name: demo\n" }, { project_id: 'demo' }],
    ['an empty name', { [dossier]: '{"name": "", "project": null}' }, {}],
    [
      'words that YAML 1.1 takes for booleans and dates',
      { [yaml]: 'agent: no\ncreated_at: 2026-08-20T12:34:56Z\n' },
      { agent: 'no', created_at: '2026-08-20T12:34:56Z' },
    ],
    ['text in quotes, in braces, in blocks', { [yaml]: "{mode: \"run\", prompt: 'it''s'}" }, { mode: 'run', prompt: "it's" }],
    ['a byte-order mark', { [yaml]: '\ufeffmode: run\n', [dossier]: '\ufeff{}' }, { mode: 'run' }],
  ])('takes %s', async (_what, half, record) => {
    expect(await readTaskMeta({ files: memoryFiles(half) }, metaDir, 'k3v8h')).toEqual(record);
  });

  const deep = `a: ${'['.repeat(200)}${']'.repeat(200)}`;
  test.each<[what: string, half: Record<string, string | Uint8Array>, path: string, reason: RegExp]>([
    ['YAML that is none', { [yaml]: 'mode: [run\n' }, yaml, /./],
    ['a list', { [yaml]: '- run\n' }, yaml, /not a YAML mapping/],
    ['two documents', { [yaml]: 'mode: run\n---\nmode: cli\n' }, yaml, /more than one document/],
    ['an alias', { [yaml]: 'a: &a [1]\nb: [*a, *a]\n' }, yaml, /alias/],
    ['a tag', { [yaml]: 'a: !!js/function "x"\n' }, yaml, /tag/],
    ['the same key twice', { [yaml]: 'mode: run\nmode: cli\n' }, yaml, /duplicated .* in line 2/],
    ['a very deep list', { [yaml]: deep }, yaml, /nesting/],
    ['text of a wrong encoding', { [yaml]: new Uint8Array([0x61, 0x3a, 0x20, 0xff]) }, yaml, /UTF-8/],
    ['too much of it', { [yaml]: `a: ${'x'.repeat(1024 * 1024)}` }, yaml, /larger than/],
    ['half a dossier', { [yaml]: 'mode: run\n', [dossier]: '{"project": "de' }, dossier, /not a JSON object/],
    ['a dossier that is a list', { [dossier]: '[]' }, dossier, /not a JSON object/],
    ['an exit code in words', { [yaml]: 'exit_code: seven\n' }, yaml, /`exit_code` must be a whole number or null/],
    ['an exit code of true', { [yaml]: 'exit_code: true\n' }, yaml, /`exit_code`/],
    ['a mode that is a list', { [yaml]: 'mode: [run]\n' }, yaml, /`mode` must be text or null/],
    ['a name that is a number', { [dossier]: '{"name": 7}' }, yaml, /`name` must be text/],
    ['an end that nobody knows', { [yaml]: 'ended: exploded\n' }, yaml, /`ended` must be one of agent,/],
  ])('finds %s damaged, and says where', async (_what, half, path, reason) => {
    const ctx = storeContext(memoryFiles(half));
    const damaged = { kind: 'damaged', path, reason: matching(reason) };
    expect(await readTaskRecord(ctx, 'demo', 'k3v8h')).toEqual(damaged);
    await expect(readTaskMeta(ctx, metaDir, 'k3v8h')).rejects.toMatchObject({ code: 'TASK_RECORD_DAMAGED', message: containing(path) });
    await expect(loadTaskMeta(ctx, 'demo', 'k3v8h')).rejects.toMatchObject({ code: 'TASK_RECORD_DAMAGED' });
    await expect(updateTask(ctx, 'demo', 'k3v8h', { name: 'x' })).rejects.toMatchObject({ code: 'TASK_RECORD_DAMAGED' });
  });

  test('does not follow a link, and does not take a directory for a file', async () => {
    const linked = memoryFiles({ '/elsewhere.yml': 'mode: run\n' });
    linked.link('/elsewhere.yml', yaml);
    expect(await readTaskRecord(storeContext(linked), 'demo', 'k3v8h')).toMatchObject({ kind: 'damaged', path: yaml });
    expect(await readTaskRecord(storeContext(memoryFiles({ [`${dossier}/x`]: '' })), 'demo', 'k3v8h')).toMatchObject({
      kind: 'damaged',
      path: dossier,
    });
  });

  test('puts project and ID of the place over what the file claims', async () => {
    const ctx = storeContext(memoryFiles({ [dossier]: '{"project": "other", "task": "z9zzz"}' }));
    expect(await readTaskRecord(ctx, 'demo', 'k3v8h')).toMatchObject({ kind: 'read', record: { project_id: 'demo', task_id: 'k3v8h' } });
  });

  test('a file made to upset the reader changes nothing outside of the record', async () => {
    const files = memoryFiles({
      [yaml]: '__proto__: {polluted: true}\nconstructor: 1\ntoString: 2\n',
      [dossier]: '{"__proto__": {"polluted": true}, "name": "a"}',
    });
    const read = await readTaskRecord(storeContext(files), 'demo', 'k3v8h');
    expect(read).toMatchObject({ kind: 'read', record: { name: 'a' } });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect((read as { record: { polluted?: unknown } }).record.polluted).toBeUndefined();
  });

  test('never fails in another way than by naming the damage', async () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          '*',
          '&',
          '!',
          'a',
          'mode',
          'exit_code',
          ': ',
          '- ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          '"',
          '? ',
          '|',
          '>',
          '#',
          '%',
          '---',
          '<<',
          '1',
        ),
      )
      .map((words) => words.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.json(), yamlish),
        fc.oneof(fc.string(), fc.json()),
        async (state, wire) => {
          const read = await readTaskRecord(storeContext(memoryFiles({ [yaml]: state, [dossier]: wire })), 'demo', 'k3v8h');
          expect(['read', 'damaged']).toContain(read.kind);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('listing', () => {
  test('names each task once, whatever else is there', async () => {
    const files = memoryFiles({
      ...stored,
      [`${metaDir}/z9zzz_meta.yml`]: '',
      [`${metaDir}/k3v8h_meta.yml.tmp`]: '',
      [`${metaDir}/notes.txt`]: '',
      [`${metaDir}/g1v01_meta.yml/x`]: '',
      [`${metaDir}/_meta.yml`]: '',
      [`${metaDir}/old.style_meta.yml`]: '',
    });
    files.link(yaml, `${metaDir}/m2abc_meta.yml`);
    const found = await Array.fromAsync(iterTaskIds({ files }, metaDir));
    expect(found.toSorted()).toEqual(['k3v8h', 'old.style', 'z9zzz']);
  });

  test('a directory that is not there holds none', async () => {
    expect(await Array.fromAsync(iterTaskIds({ files: memoryFiles() }, metaDir))).toEqual([]);
  });

  test('either half makes a task exist', async () => {
    for (const half of [yaml, dossier]) expect(await taskExists(storeContext(memoryFiles({ [half]: '' })), 'demo', 'k3v8h')).toBe(true);
    expect(await taskExists(storeContext(memoryFiles()), 'demo', 'k3v8h')).toBe(false);
  });
});

describe('writing a record', () => {
  test('is as small and plain as the formats allow', async () => {
    const files = memoryFiles();
    await writeTaskMeta({ files }, dossier, { ...fresh, name: 'größe', branch: 'no', relaxations: [] });
    expect(files.text(dossier)).toBe('{\n  "project": "demo",\n  "task": "k3v8h",\n  "name": "größe"\n}\n');
    expect(files.text(yaml)).toBe(
      "mode: null\nworkspace: /state/tasks/demo/k3v8h\nweb_port: null\ncreated_at: '2026-08-20T12:34:56.789+00:00'\nbranch: 'no'\nrelaxations: []\n",
    );
    expect(files.paths()).toEqual([dossier, yaml]);
  });

  test('leaves out of the dossier what is empty', async () => {
    const files = memoryFiles();
    await writeTaskMeta({ files }, dossier, { task_id: 'k3v8h', name: '', project_id: null });
    expect(files.text(dossier)).toBe('{\n  "task": "k3v8h"\n}\n');
  });

  test.each(['k3v8h.json', 'k3v8h_meta.yml', 'x.txt', '_dossier.json'])('%s is no handle', async (name) => {
    const files = memoryFiles();
    await expect(writeTaskMeta({ files }, `${metaDir}/${name}`, fresh)).rejects.toThrow('not a dossier-file handle');
    expect(files.paths()).toEqual([]);
  });

  test('is read by any reader of YAML 1.2 and JSON, and by us, as it was', async () => {
    const key = fc
      .oneof(fc.string(), fc.constantFrom('__proto__', 'y', 'null', '<<', '- a', '#', 'a: b', '1', '~'))
      .filter((text) => !(text in fresh) && !['project_name', 'rev', 'ended', 'image'].includes(text));
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.constantFrom('no', '0x1f', '1e3', '2026-01-01', '=', '~', ' a', 'a ', 'a\nb\n', '\u0085', '|', '%x', '1_000', '12:30', '\ufeff'),
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 3 })),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 5 }), async (unknown) => {
        const files = memoryFiles();
        const plain: unknown = JSON.parse(JSON.stringify({ ...fresh, ...unknown }));
        await writeTaskMeta({ files }, dossier, { ...fresh, ...unknown });

        const { project_id, task_id, name, ...rest } = plain as typeof fresh;
        expect(parseAnyYaml(files.text(yaml) ?? '', { uniqueKeys: true })).toEqual(rest);
        expect(JSON.parse(files.text(dossier) ?? '')).toEqual({ project: project_id, task: task_id, name });
        expect(await readTaskMeta({ files }, metaDir, 'k3v8h')).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });
});

describe('changing a record', () => {
  test('keeps what the change does not name, unknown keys included, and counts', async () => {
    const files = memoryFiles(stored);
    const ctx = storeContext(files);
    const record = await updateTask(ctx, 'demo', 'k3v8h', { exit_code: 0, web_port: undefined, y_new: ['z'] });
    expect(record).toMatchObject({ mode: 'run', x_other: [1, { a: 'b' }], exit_code: 0, web_port: null, y_new: ['z'], rev: 1 });
    expect(await readTaskMeta(ctx, metaDir, 'k3v8h')).toEqual(record);
    expect((await updateTask(ctx, 'demo', 'k3v8h', { exit_code: null })).rev).toBe(2);
  });

  test('is made from the record as it is under the lock', async () => {
    const ctx = storeContext(memoryFiles(stored));
    await Promise.all(
      Array.from({ length: 25 }, () =>
        updateTask(ctx, 'demo', 'k3v8h', ({ count }) => ({ count: (typeof count === 'number' ? count : 0) + 1 })),
      ),
    );
    expect(await readTaskMeta(ctx, metaDir, 'k3v8h')).toMatchObject({ count: 25, rev: 25 });
  });

  test('leaves nothing behind but the record', async () => {
    const files = memoryFiles(stored);
    await updateTask(storeContext(files), 'demo', 'k3v8h', { name: 'other-name' });
    expect([...files.entries.keys()].filter((path) => path.startsWith(`${metaDir}/`)).toSorted()).toEqual([dossier, yaml]);
    expect(files.text(dossier)).toContain('"other-name"');
  });

  test('that makes no difference writes nothing', async () => {
    const files = memoryFiles(stored);
    const before = [files.text(yaml), files.text(dossier)];
    const record = await updateTask(storeContext(files), 'demo', 'k3v8h', { mode: 'run', x_other: [1, { a: 'b' }], name: undefined });
    expect(record).not.toHaveProperty('rev');
    expect([files.text(yaml), files.text(dossier)]).toEqual(before);
  });

  test('fills in project and ID of an old record', async () => {
    const files = memoryFiles({ [yaml]: 'project_name: demo\nmode: run\n' });
    await updateTask(storeContext(files), 'demo', 'k3v8h', { exit_code: 1 });
    expect(JSON.parse(files.text(dossier) ?? '')).toEqual({ project: 'demo', task: 'k3v8h' });
    expect(files.text(yaml)).toBe('mode: run\nexit_code: 1\nrev: 1\n');
  });

  test('that throws changes nothing and gives the lock back', async () => {
    const ctx = storeContext(memoryFiles(stored));
    const refusal = new Error('no');
    await expect(
      updateTask(ctx, 'demo', 'k3v8h', () => {
        throw refusal;
      }),
    ).rejects.toBe(refusal);
    expect((await updateTask(ctx, 'demo', 'k3v8h', { exit_code: 0 })).rev).toBe(1);
  });

  test('never makes a record', async () => {
    const files = memoryFiles();
    await expect(updateTask(storeContext(files), 'demo', 'k3v8h', { mode: 'run' })).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      message: 'Unknown task k3v8h in project demo.',
    });
    expect([...files.entries]).toEqual([]);
  });

  test('does not bring back a record that is removed meanwhile', async () => {
    const files = memoryFiles(stored);
    const ctx = storeContext(files);
    const [removed, changed] = await Promise.allSettled([
      removeTaskMeta(ctx, 'demo', 'k3v8h'),
      updateTask(ctx, 'demo', 'k3v8h', { mode: 'cli' }),
    ]);
    expect(removed).toEqual({ status: 'fulfilled', value: true });
    expect(changed.status === 'fulfilled' || (changed.reason instanceof TerokError && changed.reason.code === 'TASK_NOT_FOUND')).toBe(true);
    expect(files.paths()).toEqual([]);
  });

  test('is old or new after a power cut at any step, and never damaged', async () => {
    const before = memoryFiles(stored);
    const uncut = memoryFiles(before);
    await updateTask(storeContext(uncut), 'demo', 'k3v8h', { name: 'other-name', exit_code: 0 });
    expect(uncut.steps()).toBeGreaterThan(5);

    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      await expect(updateTask(storeContext(disk), 'demo', 'k3v8h', { name: 'other-name', exit_code: 0 })).rejects.toThrow(PowerCut);
      const rebooted = storeContext(reboot(disk));
      const record = await readTaskMeta(rebooted, metaDir, 'k3v8h');
      expect([
        ['talented-toucan', undefined],
        ['talented-toucan', 0],
        ['other-name', 0],
      ]).toContainEqual([record?.name, record?.exit_code]);
      expect(record).toMatchObject({ mode: 'run', x_other: [1, { a: 'b' }], task_id: 'k3v8h' });
      expect(await updateTask(rebooted, 'demo', 'k3v8h', { name: 'third-name' })).toMatchObject({ name: 'third-name' });
    }
  });
});

describe('loading', () => {
  test('gives the record and the handle to write it back', async () => {
    const ctx = storeContext(memoryFiles(stored));
    const { record, dossierPath: handle } = await loadTaskMeta(ctx, 'demo', 'k3v8h', { expectedMode: 'run' });
    expect(handle).toBe(dossier);
    await writeTaskMeta(ctx, handle, { ...record, name: 'b' });
    expect((await loadTaskMeta(ctx, 'demo', 'k3v8h')).record.name).toBe('b');
  });

  test('refuses a task of another mode, and takes one of none', async () => {
    await expect(loadTaskMeta(storeContext(memoryFiles(stored)), 'demo', 'k3v8h', { expectedMode: 'cli' })).rejects.toMatchObject({
      code: 'TASK_MODE_CONFLICT',
      message: containing("already ran in mode 'run'"),
    });
    expect(
      (await loadTaskMeta(storeContext(memoryFiles({ [yaml]: 'mode:\n' })), 'demo', 'k3v8h', { expectedMode: 'cli' })).record.mode,
    ).toBeNull();
  });

  test('an unknown task is an error', async () => {
    await expect(loadTaskMeta(storeContext(memoryFiles()), 'demo', 'k3v8h')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });
});

describe('the marks of an end', () => {
  test('the exit code is recorded, and null says that it could not be learned', async () => {
    const ctx = storeContext(memoryFiles(stored));
    await updateTaskExitCode(ctx, 'demo', 'k3v8h', 124);
    expect((await readTaskMeta(ctx, metaDir, 'k3v8h'))?.exit_code).toBe(124);
    await updateTaskExitCode(ctx, 'demo', 'k3v8h', null);
    expect((await readTaskMeta(ctx, metaDir, 'k3v8h'))?.exit_code).toBeNull();
  });

  test('a task that is gone needs neither', async () => {
    const files = memoryFiles();
    await updateTaskExitCode(storeContext(files), 'demo', 'k3v8h', 0);
    await markTaskDeleting(storeContext(files), 'demo', 'k3v8h');
    expect(files.paths()).toEqual([]);
  });

  test('the exit code of a damaged record is not lost in silence', async () => {
    await expect(updateTaskExitCode(storeContext(memoryFiles({ [yaml]: '[' })), 'demo', 'k3v8h', 0)).rejects.toMatchObject({
      code: 'TASK_RECORD_DAMAGED',
    });
  });

  test('deleting is marked as the only difference, and never stands in the way', async () => {
    const files = memoryFiles(stored);
    await markTaskDeleting(storeContext(files), 'demo', 'k3v8h');
    expect(files.text(yaml)).toContain('deleting: true\n');

    await markTaskDeleting(storeContext(memoryFiles({ [yaml]: '[' })), 'demo', 'k3v8h');
    const full = { ...memoryFiles(stored), replace: () => Promise.reject(new TerokError({ code: 'DISK_FULL', message: 'full' })) };
    await markTaskDeleting(storeContext(full), 'demo', 'k3v8h');
    const broken = { ...memoryFiles(stored), replace: () => Promise.reject(new RangeError('a bug')) };
    await expect(markTaskDeleting(storeContext(broken), 'demo', 'k3v8h')).rejects.toThrow(RangeError);
  });
});

describe('removing a record', () => {
  test('takes both halves, damaged ones too, and says whether there was one', async () => {
    const files = memoryFiles({ [yaml]: '[', [dossier]: '{' });
    expect(await removeTaskMeta(storeContext(files), 'demo', 'k3v8h')).toBe(true);
    expect(files.paths()).toEqual([]);
    expect(await removeTaskMeta(storeContext(files), 'demo', 'k3v8h')).toBe(false);
  });

  test('cut short it still tells that the task is being deleted', async () => {
    const before = memoryFiles({ ...stored, [yaml]: 'mode: run\ndeleting: true\n' });
    const uncut = memoryFiles(before);
    await removeTaskMeta(storeContext(uncut), 'demo', 'k3v8h');
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      await expect(removeTaskMeta(storeContext(disk), 'demo', 'k3v8h')).rejects.toThrow(PowerCut);
      const left = await readTaskMeta({ files: reboot(disk) }, metaDir, 'k3v8h');
      expect([undefined, true]).toContain(left?.deleting);
      expect(await removeTaskMeta(storeContext(reboot(disk)), 'demo', 'k3v8h')).toBe(left !== null);
    }
  });
});

function containing(fragment: string): unknown {
  return expect.stringContaining(fragment);
}

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
