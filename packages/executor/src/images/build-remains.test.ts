import { memoryFiles } from '@terok/sandbox/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memoryBuildPrograms } from '../testing/memory-build-programs.ts';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import { aliasOf, buildRemains, isAlias, removeRemains } from './build-remains.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

const installationId = 'b6d1f446e73cee0d4b926f627eb9c3bb';
const alias = aliasOf(installationId, 'c'.repeat(64));
let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman();
});
afterEach(() => fake.remove());

/** As podman 4.3.1 printed them after a build was killed, with fewer keys. */
const containers = [
  { Id: 'c1', Names: ['from-b6d1f446-working-container'], State: 'storage', Image: alias, Labels: null },
  { Id: 'c2', Names: ['from-b6d1f446-working-container-1'], State: 'storage', Image: alias, Labels: null },
  { Id: 'c3', Names: ['mine-from-b6d1f446-working-container'], State: 'storage', Image: alias, Labels: null },
];
const named = { Id: 'i1', Names: ['docker.io/library/debian:13-slim', alias] };
const images = [named, named];
const folder = '/images/building/0f';

const world = () => ({
  podman: fake.podman,
  installationId,
  files: memoryFiles({ [`${folder}/buildah1/x`]: 'x', '/images/packages/y': 'y' }),
  paths: { images: '/images' },
  buildPrograms: memoryBuildPrograms({ pid: 4321, words: ['sleep', '600'] }),
});

test('what a killed build has left is found: its program, its containers, the name it gave, its files', async () => {
  await fake.answers([
    { to: ['ps', '--external'], stdout: JSON.stringify(containers) },
    { to: ['images'], stdout: JSON.stringify(images) },
  ]);
  expect(await buildRemains(world())).toEqual([
    { kind: 'program', what: 'sleep 600 (process 4321)', id: '4321' },
    { kind: 'container', what: 'from-b6d1f446-working-container', id: 'c1' },
    { kind: 'container', what: 'from-b6d1f446-working-container-1', id: 'c2' },
    { kind: 'name', what: alias, id: 'i1' },
    { kind: 'files', what: folder, id: folder },
  ]);
});

test('it goes piece by piece: the image keeps its other names, and what podman refuses is told', async () => {
  await fake.answers([
    { to: ['rm', '--force', '--', 'c1'], stderr: 'Error: device or resource busy\n', exit: 125 },
    { to: ['untag', '--', 'i1', alias] },
  ]);
  const given = world();
  const results = await removeRemains(given, [
    { kind: 'program', what: 'sleep 600 (process 4321)', id: '4321' },
    { kind: 'container', what: 'from-b6d1f446-working-container', id: 'c1' },
    { kind: 'name', what: alias, id: 'i1' },
    { kind: 'files', what: folder, id: folder },
  ]);
  expect(results).toEqual([
    { removed: 'sleep 600 (process 4321)', error: null },
    { kept: 'from-b6d1f446-working-container', error: 'Error: device or resource busy' },
    { removed: alias, error: null },
    { removed: folder, error: null },
  ]);
  expect(given.files.paths()).toEqual(['/images/packages/y']);
  expect(await given.buildPrograms.running([])).toEqual([]);
});

test('the name of a build is told from every other', () => {
  expect(isAlias(installationId, alias)).toBe(true);
  expect(isAlias(installationId, 'localhost/terok/b6d1f446/l1:cccc')).toBe(false);
  expect(isAlias('f'.repeat(32), alias)).toBe(false);
});
