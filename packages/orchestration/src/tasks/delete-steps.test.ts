/** The steps of a deletion, each of which may fail by itself: over the whole matrix the rest goes on, and a second try ends it. */
import { sandboxErrors } from '@terok/sandbox';
import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { listArchivedTasks } from './archive.ts';
import { taskDelete } from './lifecycle.ts';
import { readTaskRecord } from './meta.ts';

const steps = ['container', 'folder', 'dossier', 'bookkeeping'] as const;
type Step = (typeof steps)[number];

/** Every set of steps, from none to all. */
const matrix: readonly (readonly Step[])[] = Array.from({ length: 2 ** steps.length }, (_, bits) =>
  steps.filter((__, index) => (bits & (1 << index)) !== 0),
);

const states = ['running', 'paused', 'exited', 'gone'] as const;

async function worldWith(state: (typeof states)[number]) {
  const world = await memoryWorld();
  const { taskId: id, containerName: name } = await taskRun(world.ctx, 'demo', { prompt: 'x', agent: 'shell' });
  const folder = `/state/tasks/demo/${id}`;
  await world.files.remove(`${folder}/workspace/.new-task-marker`);
  await world.files.replace(`${folder}/workspace/file`, 'work');
  if (state === 'paused') world.runtime.pause(name);
  if (state === 'exited') world.runtime.finish(name, 3);
  if (state === 'gone') await world.runtime.remove([name]);
  /** A throw-away container that leaves what it found in the archive. */
  const runOnce: TaskContext['runtime']['runOnce'] = async ({ mounts: [workspace, output] }) => {
    const found = world.files.text(`${workspace?.source}/file`);
    if (found !== null && output !== undefined) await world.files.replace(`${output.source}/untracked.tar`, found);
    return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const ctx: TaskContext = { ...world.ctx, runtime: { ...world.runtime, runOnce } };
  return { ...world, ctx, id, name, folder };
}

/** The same world, in which these steps fail. */
function failing(ctx: TaskContext, folder: string, faults: readonly Step[]): TaskContext {
  const refused = (path: string) => Promise.reject(sandboxErrors.FILE_FAILED({ path, attempt: 'remove', reason: 'busy' }));
  const { files, runtime } = ctx;
  return {
    ...ctx,
    files: {
      ...files,
      removeTree: (path) => (path === folder && faults.includes('folder') ? refused(path) : files.removeTree(path)),
      remove: (path) => {
        const half = path.endsWith('_dossier.json') ? 'dossier' : path.endsWith('_meta.yml') ? 'bookkeeping' : null;
        return half !== null && faults.includes(half) ? refused(path) : files.remove(path);
      },
    },
    runtime: {
      ...runtime,
      remove: async (names) =>
        faults.includes('container') ? names.map((name) => ({ name, removed: false, error: 'locked' })) : runtime.remove(names),
    },
  };
}

describe.each(states)('a task whose container is %s', (state) => {
  test.each(matrix.map((faults) => [faults.join(', ') || 'nothing', faults] as const))(
    'is deleted where %s fails, with a warning for each, and a second try ends it',
    async (_, faults) => {
      const { ctx, files, runtime, id, name, folder } = await worldWith(state);
      const { warnings, archive } = await taskDelete(failing(ctx, folder, faults), 'demo', id);

      const recordFails = faults.includes('dossier') || faults.includes('bookkeeping');
      const expected = [
        ...(faults.includes('container') && state !== 'gone' ? [`Container ${name}`] : []),
        ...(faults.includes('folder') ? ['Workspace removal failed'] : []),
        ...(recordFails ? ['Metadata removal failed'] : []),
      ];
      expect(warnings.map((warning) => warning.split(':', 1)[0])).toEqual(expected);
      expect(files.text(`${archive}/work/untracked.tar`)).toBe('work');

      // What is left is still a task that says it is being deleted, or a folder of one.
      const left = faults.includes('folder') || recordFails;
      const again = await taskDelete(ctx, 'demo', id).then(
        (result) => result.warnings,
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
      expect(again).toEqual(left ? [] : 'TASK_NOT_FOUND');
      expect((await readTaskRecord(ctx, 'demo', id)).kind).toBe('absent');
      expect(await files.stat(folder)).toBeNull();
      const orphaned = !left && faults.includes('container') && state !== 'gone';
      expect(runtime.specs.has(name)).toBe(orphaned);
      const works = (await listArchivedTasks(ctx, 'demo')).map(({ archiveDir }) => files.text(`${archiveDir}/work/untracked.tar`));
      expect(works).toContain('work');
    },
  );
});
