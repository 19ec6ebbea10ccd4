import { TerokError, type Files } from '@terok/sandbox';
import { fakeClock, memoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import { memoryBuildPrograms } from '../testing/memory-build-programs.ts';
import { applyImageCleanup, partialArchives, planImageCleanup, type CleanupFacts } from './image-cleanup.ts';
import type { InstallationImage } from './image-list.ts';
import type { StoredFile } from './package-store.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

const installationId = 'b6d1f446e73cee0d4b926f627eb9c3bb';
const now = new Date('2026-11-21T12:00:00Z');
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const named = (name: string) => [`localhost/terok/b6d1f446/${name}`];
const probeName = 'localhost/terok-probe:b6d1f446-m1x2y3';
const fresh = named('l1:fresh')[0]!;

const image = (others: Partial<InstallationImage> = {}): InstallationImage => ({
  ...{
    id: 'one',
    references: named('l1:old'),
    layer: 'L1',
    contentHash: 'old',
    createdAt: before(600),
    sizeBytes: 1,
    base: null,
    agents: [],
    containers: [],
  },
  ...others,
});
const facts: CleanupFacts = {
  ...{ installationId, freshReferences: [fresh], unclear: false, unclearAgents: false },
  ...{ stored: [], partials: [], remains: [], now },
};
const contextOf = (files: Files) => ({
  ...{ podman: fake.podman, files, clock: fakeClock(), paths: { images: '/images' }, installationId },
  buildPrograms: memoryBuildPrograms(),
});
const decided = (images: readonly InstallationImage[]) =>
  planImageCleanup(images, facts).images.map(({ action, reason }) => [action, reason]);

test.each<[Partial<InstallationImage>, string, string]>([
  [{}, 'remove', 'superseded'],
  [{ references: [] }, 'remove', 'unnamed'],
  [{ references: [probeName], layer: null }, 'remove', 'probe'],
  [{ containers: ['demo-run-k3v8h'] }, 'keep', 'in_use'],
  [{ references: [], containers: ['demo-run-k3v8h'] }, 'keep', 'in_use'],
  [{ references: [fresh] }, 'keep', 'fresh'],
  [{ references: [...named('l1:old'), 'localhost/mine:1'] }, 'keep', 'named_by_others'],
  [{ references: ['localhost/terok/0123abcd/l1:old'] }, 'keep', 'named_by_others'],
  [{ createdAt: before(59) }, 'keep', 'recent'],
  [{ createdAt: before(60) }, 'remove', 'superseded'],
  [{ createdAt: before(-60) }, 'keep', 'recent'],
  [{ references: [probeName], layer: null, createdAt: before(1) }, 'keep', 'recent'],
  [{ references: named('l0:x'), layer: 'L0' }, 'keep', 'next_base'],
  [{ references: [], layer: 'L0' }, 'remove', 'unnamed'],
])('an image with %j: %s, because %s', (others, action, reason) => {
  expect(decided([image(others)])).toEqual([[action, reason]]);
});

test('of several bases just the newest is what the next build stands on', () => {
  const [older, newer] = [
    image({ layer: 'bootstrap', references: named('bootstrap:a'), createdAt: before(900) }),
    image({ layer: 'bootstrap', references: named('bootstrap:b'), createdAt: before(800) }),
  ];
  const nameless = image({ layer: 'bootstrap', references: [], createdAt: before(700) });
  expect(decided([older, nameless, newer])).toEqual([
    ['remove', 'superseded'],
    ['remove', 'unnamed'],
    ['keep', 'next_base'],
  ]);
});

test('while a project cannot be read, what nobody else needs stays', () => {
  const plan = planImageCleanup([image(), image({ references: [] })], { ...facts, unclear: true });
  expect(plan.images.map(({ action, reason }) => [action, reason])).toEqual([
    ['keep', 'unclear'],
    ['remove', 'unnamed'],
  ]);
});

const stored = (others: Partial<StoredFile> = {}): StoredFile => ({
  ...{ kind: 'package', path: '/images/packages/x', sizeBytes: 7, modifiedAt: before(600), wantedBy: null },
  ...others,
});

test.each<[Partial<StoredFile>, Partial<CleanupFacts>, string, string]>([
  [{}, {}, 'remove', 'unused'],
  [{ wantedBy: 'codex 1.0.0' }, {}, 'keep', 'wanted'],
  [{ modifiedAt: before(59) }, {}, 'keep', 'recent'],
  [{}, { unclearAgents: true }, 'keep', 'unclear'],
  [{ kind: 'base', wantedBy: 'bootstrap' }, {}, 'keep', 'base'],
  [{ kind: 'base' }, { unclearAgents: true }, 'remove', 'other_recipe'],
])('a stored file with %j, %j: %s, because %s', (file, others, action, reason) => {
  const plan = planImageCleanup([], { ...facts, ...others, stored: [stored(file)] });
  expect(plan.stored).toEqual([{ file: stored(file), action, reason }]);
});

test('of the store only what the plan lets go is removed', async () => {
  const files = memoryFiles({ '/images/packages/x': 'x', '/images/packages/y': 'y' });
  const plan = planImageCleanup([], { ...facts, stored: [stored(), stored({ path: '/images/packages/y', wantedBy: 'codex 1.0.0' })] });
  expect(await applyImageCleanup(contextOf(files), plan)).toEqual([{ removed: '/images/packages/x', error: null }]);
  expect(files.paths()).toEqual(['/images/packages/y']);
});

test('nothing that a container uses or a project needs is ever removed, and each image gets one decision', () => {
  const anyImage = fc.record({
    id: fc.uuid(),
    references: fc.subarray([fresh, probeName, ...named('l1:old'), ...named('l0:x'), 'docker.io/library/debian:13']),
    layer: fc.constantFrom(null, 'bootstrap', 'L0', 'L1', 'else'),
    contentHash: fc.constant(null),
    createdAt: fc.integer({ min: -100, max: 10_000 }).map(before),
    sizeBytes: fc.nat(),
    base: fc.constant(null),
    agents: fc.constant([]),
    containers: fc.subarray(['a', 'b']),
  });
  fc.assert(
    fc.property(fc.array(anyImage), (images) => {
      const plan = planImageCleanup(images, facts);
      expect(plan.images.map(({ image: of }) => of)).toEqual(images);
      const removed = plan.images.filter(({ action }) => action === 'remove').map(({ image: of }) => of);
      expect(removed.filter(({ containers, references }) => containers.length > 0 || references.includes(fresh))).toEqual([]);
    }),
  );
});

let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman();
});
afterEach(() => fake.remove());

test('images go by id, the newest first, and one that podman refuses does not stop the others', async () => {
  await fake.answers([
    { to: ['image', 'rm', '--', 'upper'], stderr: 'Error: image is in use by a container\n', exit: 2 },
    { to: ['image', 'rm', '--', 'gone'], stderr: 'Error: gone: image not known\n', exit: 1 },
    { to: ['image', 'rm', '--', 'lower'] },
  ]);
  const images = [
    image({ id: 'lower', createdAt: before(900) }),
    image({ id: 'kept', containers: ['x'] }),
    image({ id: 'gone', createdAt: before(800) }),
    image({ id: 'upper', createdAt: before(700) }),
  ];
  const results = await applyImageCleanup(contextOf(memoryFiles()), planImageCleanup(images, facts));
  expect(results).toEqual([
    { kept: 'upper', error: 'Error: image is in use by a container' },
    { removed: 'gone', error: null },
    { removed: 'lower', error: null },
  ]);
  expect(await fake.calls()).toHaveLength(3);
});

test('half-made archives go when nobody can be at work on them, and whole ones stay', async () => {
  let at = before(120);
  const files = memoryFiles({}, { now: () => at });
  await files.replace('/images/bootstrap-0a.tar', 'whole');
  await files.replace('/images/bootstrap-0a.tar.partial', 'half');
  await files.replace('/images/bootstrap-0b.tar.partial.d/etc/passwd', 'half');
  await files.replace('/images/mine.partial', 'mine');
  at = before(5);
  await files.replace('/images/bootstrap-0c.tar.partial', 'half');

  const partials = await partialArchives({ files, paths: { images: '/images' } });
  expect(partials.map(({ path }) => path).toSorted()).toEqual([
    '/images/bootstrap-0a.tar.partial',
    '/images/bootstrap-0b.tar.partial.d',
    '/images/bootstrap-0c.tar.partial',
  ]);
  await applyImageCleanup(contextOf(files), planImageCleanup([], { ...facts, partials }));
  expect((await files.list('/images')).map(({ name }) => name).toSorted()).toEqual([
    'bootstrap-0a.tar',
    'bootstrap-0c.tar.partial',
    'mine.partial',
  ]);
});

test('an archive that cannot be removed is named with the reason', async () => {
  const files = memoryFiles();
  const path = '/images/bootstrap-0a.tar.partial';
  await files.replace(path, 'half');
  const full = { ...files, remove: () => Promise.reject(new TerokError({ code: 'DISK', message: 'The disk is read-only.' })) };
  const plan = planImageCleanup([], { ...facts, partials: [{ path, kind: 'file', modifiedAt: before(120) }] });
  expect(await applyImageCleanup(contextOf(full), plan)).toEqual([{ kept: path, error: 'The disk is read-only.' }]);
});
