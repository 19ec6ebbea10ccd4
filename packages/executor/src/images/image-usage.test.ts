import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import { imageUsage } from './image-usage.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

const installationId = 'b6d1f446e73cee0d4b926f627eb9c3bb';
const row = (id: string) => ({ Id: id, Names: [`localhost/${id}:1`], Labels: { 'ai.terok.root': installationId }, Created: 1, Size: 1 });
const inspected = (id: string, layers: readonly string[], history: readonly object[]) => ({
  Id: id,
  RootFS: { Type: 'layers', Layers: layers },
  History: history,
});
const [step, empty] = [{ created_by: 'RUN x' }, { created_by: 'USER x', empty_layer: true }];

let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman();
});
afterEach(() => fake.remove());

const usage = async () => {
  const { images, totalBytes } = await imageUsage({ podman: fake.podman, installationId, runtime: { containers: async () => [] } });
  const rows = images.map(({ image, exclusiveBytes, sharedBytes }) => [image.id, { exclusiveBytes, sharedBytes }]);
  return { images: Object.fromEntries(rows) as unknown, totalBytes };
};

test('a layer that two images have is shared, also with an image of somebody else, and is counted once', async () => {
  await fake.answers([
    { to: ['images', '--quiet'], stdout: 'sha256:lower\nsha256:upper\nsha256:theirs\n' },
    { to: ['images', '--format=json'], stdout: JSON.stringify([row('lower'), row('upper')]) },
    {
      to: ['inspect', '--', 'lower', 'upper', 'theirs'],
      stdout: JSON.stringify([
        inspected('lower', ['a', 'b'], [step, empty, step]),
        inspected('upper', ['a', 'b', 'c'], [step, empty, step, step]),
        inspected('theirs', ['a'], [step]),
      ]),
    },
    // podman names the newest step first.
    { to: ['history', 'lower'], stdout: JSON.stringify([{ size: 20 }, { size: 0 }, { size: 1000 }]) },
    { to: ['history', 'upper'], stdout: JSON.stringify([{ size: 3 }, { size: 20 }, { size: 0 }, { size: 1000 }]) },
  ]);
  expect(await usage()).toEqual({
    images: { lower: { exclusiveBytes: 0, sharedBytes: 1020 }, upper: { exclusiveBytes: 3, sharedBytes: 1020 } },
    totalBytes: 1023,
  });
});

test('the same change on another base is another layer', async () => {
  await fake.answers([
    { to: ['images', '--quiet'], stdout: 'one\ntwo\n' },
    { to: ['images', '--format=json'], stdout: JSON.stringify([row('one'), row('two')]) },
    { to: ['inspect'], stdout: JSON.stringify([inspected('one', ['a', 'x'], [step, step]), inspected('two', ['b', 'x'], [step, step])]) },
    { to: ['history', 'one'], stdout: JSON.stringify([{ size: 5 }, { size: 10 }]) },
    { to: ['history', 'two'], stdout: JSON.stringify([{ size: 5 }, { size: 20 }]) },
  ]);
  expect(await usage()).toEqual({
    images: { one: { exclusiveBytes: 15, sharedBytes: 0 }, two: { exclusiveBytes: 25, sharedBytes: 0 } },
    totalBytes: 40,
  });
});

test.each([
  { what: 'a history that has lost steps', history: [step], sizes: [{ size: 1 }] },
  { what: 'no history', history: [], sizes: [] },
  { what: 'sizes of other steps', history: [step, step], sizes: [{ size: 1 }] },
])('the sizes of an image with $what are unknown, and not 0', async ({ history, sizes }) => {
  await fake.answers([
    { to: ['images', '--quiet'], stdout: 'one\n' },
    { to: ['images', '--format=json'], stdout: JSON.stringify([row('one')]) },
    { to: ['inspect'], stdout: JSON.stringify([inspected('one', ['a', 'b'], history)]) },
    { to: ['history', 'one'], stdout: JSON.stringify(sizes) },
  ]);
  expect(await usage()).toEqual({ images: { one: { exclusiveBytes: null, sharedBytes: null } }, totalBytes: null });
});

test('an installation without images takes nothing, and podman is asked once', async () => {
  await fake.answers([{ to: ['images', '--format=json'], stdout: '[]' }]);
  expect(await usage()).toEqual({ images: {}, totalBytes: 0 });
  expect(await fake.calls()).toHaveLength(1);
});
