/** What crashes left on a real machine, found by the doctor and mended as far as nobody's work is lost. */
import { appendFile, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';

type Finding = { readonly id: string; readonly finding: string; readonly status: string; readonly fix: string | null };

let installation: Installation;
let project: DemoProject;

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'doctored');
});
afterAll(() => project.remove());

test('a lost end, an intent, leftovers and a folder without a record are mended; what is gone for good is told', async () => {
  const hoursAgo = new Date(Date.now() - 5 * 3_600_000);
  const folder = (id: string) => join(installation.stateRoot, 'tasks/doctored', id);
  const age = (path: string) => utimes(path, hoursAgo, hoursAgo);

  const lost = await detached('echo work > made; sleep 600');
  await made(join(folder(lost), 'workspace/made'));
  await installation.podman(['rm', '--force', '--time=0', `doctored-run-${lost}`]);

  const unseen = await detached('exit 4');
  await installation.podman(['wait', `doctored-run-${unseen}`]);

  const intended = await detached('true');
  await installation.answer(['task', 'wait', 'doctored', intended]);
  await appendFile(join(installation.stateRoot, `core/projects/doctored/tasks/${intended}_meta.yml`), 'deleting: true\n');

  const orphaned = 'z9z9z';
  await mkdir(join(folder(orphaned), 'workspace'), { recursive: true });
  await writeFile(join(folder(orphaned), 'workspace/note'), 'mine\n');
  await age(folder(orphaned));

  const leftover = join(folder(unseen), 'out-00000000-0000-4000-8000-000000000000');
  await mkdir(leftover);
  await age(leftover);

  const before = await looked();
  expect(ofTasks(before)).toEqual(
    new Map([
      [lost, 'task-container'],
      [unseen, 'task-end'],
      [intended, 'task-deletion'],
      [orphaned, 'task-folder'],
      [leftover, 'task-leftover'],
    ]),
  );

  const after = await looked('--fix');
  expect(ofTasks(after)).toEqual(new Map([[lost, 'task-container']]));
  expect(after.find(({ id }) => id === 'task-container')?.fix).toBe(`terok task fetch doctored ${lost}`);
  await expect(stat(leftover)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await answered('task', 'status', 'doctored', unseen)).toMatchObject({ status: 'failed', ended: 'agent', exit_code: 4 });
  const { archives } = (await answered('task', 'archive', 'list', 'doctored')) as {
    readonly archives: readonly { readonly task_id: string }[];
  };
  expect(archives.map(({ task_id }) => task_id).toSorted()).toEqual([intended, orphaned].toSorted());

  await installation.answer(['task', 'fetch', 'doctored', lost]);
  expect(await project.git('show', `terok/${lost}:made`)).toBe('work');

  function ofTasks(findings: readonly Finding[]): ReadonlyMap<string, string> {
    const subjects = [leftover, lost, unseen, intended, orphaned];
    return new Map(
      findings
        .filter(({ id }) => id.startsWith('task-'))
        .map(({ id, finding }) => [subjects.find((subject) => finding.includes(subject)) ?? finding, id]),
    );
  }
});

const answered = async (...words: readonly string[]): Promise<unknown> => JSON.parse(await installation.answer([...words, '--json']));
const detached = async (script: string): Promise<string> => (await project.run(script, '--detach')).stdout.trim();
const made = (path: string) =>
  eventually(() =>
    stat(path).then(
      () => true,
      () => undefined,
    ),
  );

/** The doctor ends with what it found: on a host with limits of its own that is never 0. */
async function looked(...flags: readonly string[]): Promise<readonly Finding[]> {
  const { stdout } = await installation.terok(['doctor', ...flags, '--json']);
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}
