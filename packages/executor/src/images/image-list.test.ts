import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFakePodman, type FakePodman } from '../fixtures/node-open-fake-podman.test.fixture.ts';
import type { ContainerRow } from '../runtime.ts';
import { listImages } from './image-list.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

const installationId = 'b6d1f446e73cee0d4b926f627eb9c3bb';
const root = { 'ai.terok.root': installationId };

/** Printed by podman 4.3.1 (`images --all --no-trunc --format json`), with fewer digests. */
const recorded = {
  Id: '4b4e9696467a8bcf32d56baa1fcf4f78085ccb1f7d114e64c7c51f3cb34d434f',
  ParentId: '',
  RepoTags: null,
  Size: 182043526,
  SharedSize: 0,
  VirtualSize: 182043526,
  Labels: {
    ...root,
    'ai.terok.content': 'e7391a11',
    'ai.terok.layer': 'L1',
    'ai.terok.base': 'localhost/terok/b6d1f446/bootstrap:aa',
    'ai.terok.agents': 'claude,codex',
    'io.buildah.version': '1.28.2',
  },
  Containers: 0,
  Names: ['localhost/terok/b6d1f446/l1:e7391a11da4bd335'],
  Created: 1795263983,
  CreatedAt: '2026-11-21T12:26:23Z',
};
/** The keys that podman 5 has (`ImageSummary` in its pkg/domain/entities/types/images.go); an image that a rebuild took the name from. */
const podman5 = {
  ...{ Id: `sha256:${'e'.repeat(64)}`, ParentId: '', RepoTags: null, RepoDigests: [], Created: 1795263000, Size: 7, SharedSize: 0 },
  ...{ VirtualSize: 7, Labels: root, Containers: 1, Arch: 'amd64', Digest: '', History: null, IsManifestList: false, Names: null },
  ...{ Os: 'linux', Dangling: true },
};

let fake: FakePodman;
beforeEach(async () => {
  fake = await openFakePodman();
});
afterEach(() => fake.remove());

const container = (name: string, imageId: string): ContainerRow => ({
  ...{ id: name, name, imageId, state: 'running', labels: root, startedAt: null, exitCode: null, finishedAt: null },
});
const listed = (containers: readonly ContainerRow[] | null = []) =>
  listImages({ podman: fake.podman, installationId, runtime: { containers: async () => containers } });

test('images of podman 4 and 5 are read, newest first, with the containers made from them', async () => {
  await fake.answers([{ to: ['images'], stdout: JSON.stringify([podman5, recorded]) }]);
  expect(await listed([container('demo-run-k3v8h', 'e'.repeat(64))])).toEqual([
    {
      id: recorded.Id,
      references: ['localhost/terok/b6d1f446/l1:e7391a11da4bd335'],
      layer: 'L1',
      contentHash: 'e7391a11',
      base: 'localhost/terok/b6d1f446/bootstrap:aa',
      agents: ['claude', 'codex'],
      createdAt: new Date('2026-11-21T12:26:23Z'),
      sizeBytes: 182043526,
      containers: [],
    },
    {
      id: 'e'.repeat(64),
      references: [],
      layer: null,
      contentHash: null,
      base: null,
      agents: [],
      createdAt: new Date('2026-11-21T12:10:00Z'),
      sizeBytes: 7,
      containers: ['demo-run-k3v8h'],
    },
  ]);
});

test('an image with two names, which podman prints twice, is one image', async () => {
  const twice = { ...recorded, Names: ['localhost/terok/b6d1f446/l1:e7391a11da4bd335', 'localhost/terok/b6d1f446/from-b6d1f446:aa'] };
  await fake.answers([{ to: ['images'], stdout: JSON.stringify([twice, twice]) }]);
  expect((await listed()).map(({ references }) => references)).toEqual([twice.Names]);
});

test('one podman is started, and it is asked for this installation alone', async () => {
  await fake.answers([{ to: ['images'], stdout: '[]' }]);
  await listed();
  expect((await fake.calls()).map(({ args }) => args)).toEqual([
    ['images', '--all', '--no-trunc', `--filter=label=ai.terok.root=${installationId}`, '--format=json'],
  ]);
});

test('an image of another installation is not listed, whatever podman answers', async () => {
  const others = [
    { ...recorded, Labels: { 'ai.terok.root': 'f'.repeat(32) } },
    { ...recorded, Labels: null },
  ];
  await fake.answers([{ to: ['images'], stdout: JSON.stringify(others) }]);
  expect(await listed()).toEqual([]);
});

test.each(['', 'null', '[]'])('podman that prints %j has no images', async (stdout) => {
  await fake.answers([{ to: ['images'], stdout }]);
  expect(await listed()).toEqual([]);
});

test.each(['Emulate Docker CLI', '{}', '[{"Id":1}]'])('%j is not a list of images', async (stdout) => {
  await fake.answers([{ to: ['images'], stdout }]);
  await expect(listed()).rejects.toMatchObject({ code: 'PODMAN_UNREADABLE' });
});

test('when it is not known which containers there are, nothing is said to be unused', async () => {
  await fake.answers([{ to: ['images'], stdout: JSON.stringify([recorded]) }]);
  await expect(listed(null)).rejects.toMatchObject({ code: 'PODMAN_UNREADABLE' });
});
