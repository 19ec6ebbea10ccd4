import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerRows, containerSizes } from './rows.ts';

/** Printed by podman 4.3.1 (`ps --all --no-trunc --format json`) of five containers that were put into these states. */
const recorded = readFileSync(new URL('../../test/podman-4.3.1-ps.json', import.meta.url), 'utf8');

test('what podman 4.3 prints of containers in every state', () => {
  const rows = containerRows(recorded)?.map(({ name, state, exitCode, startedAt, finishedAt }) => ({
    name,
    state,
    exitCode,
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  }));
  expect(rows).toMatchInlineSnapshot(`
    [
      {
        "exitCode": null,
        "finishedAt": null,
        "name": "demo-created",
        "startedAt": null,
        "state": "created",
      },
      {
        "exitCode": null,
        "finishedAt": null,
        "name": "demo-running",
        "startedAt": "2026-11-21T12:40:27.000Z",
        "state": "running",
      },
      {
        "exitCode": 7,
        "finishedAt": "2026-11-21T12:40:27.000Z",
        "name": "demo-exited",
        "startedAt": "2026-11-21T12:40:27.000Z",
        "state": "exited",
      },
      {
        "exitCode": null,
        "finishedAt": null,
        "name": "demo-paused",
        "startedAt": "2026-11-21T12:40:28.000Z",
        "state": "paused",
      },
      {
        "exitCode": null,
        "finishedAt": null,
        "name": "demo-stopping",
        "startedAt": "2026-11-21T12:40:28.000Z",
        "state": "stopping",
      },
    ]
  `);
});

test('a row has the whole id, the image and the labels', () => {
  expect(containerRows(recorded)?.[0]).toMatchObject({
    id: '212ea8339b462448cc3e236435e3bf1744af37da14e9248d6c9f4190b0ba4923',
    imageId: 'a659570c20f30fb506babf7aede60edec1e66a791c7e175022fcf662bc6e98a0',
    labels: { 'ai.terok.root': 'a8a85698dc63c64d9b6801e5b76984fb', 'ai.terok.task': 'k3v8h' },
  });
});

/**
 * What podman 5 prints, by its source: `type ListContainer` in pkg/domain/entities/types/container_ps.go of
 * github.com/containers/podman (commit 01ff5006), in which `jsonOut` of cmd/podman/containers/ps.go (commit 050c638c) puts seconds for
 * `Created`. New since 4.3 are CIDFile, ExposedPorts and Restarts.
 */
const podman5 = {
  AutoRemove: false,
  Command: ['/usr/local/lib/terok/run-task', '0'],
  CreatedAt: '3 minutes ago',
  CIDFile: '',
  Exited: true,
  ExitedAt: 1795264830,
  ExitCode: -1,
  ExposedPorts: null,
  Id: 'f'.repeat(64),
  Image: 'localhost/x',
  ImageID: 'e'.repeat(64),
  IsInfra: false,
  Labels: null,
  Mounts: ['/workspace'],
  Names: ['demo-run-k3v8h', 'alias'],
  Namespaces: {},
  Networks: null,
  Pid: 0,
  Pod: '',
  PodName: '',
  Ports: null,
  Restarts: 0,
  Size: null,
  StartedAt: 1795264827,
  State: 'exited',
  Status: 'Exited (-1) 3 minutes ago',
  Created: 1795264826,
};

test('mounts and ports, which are told in more words from version to version, are nobody’s concern', () => {
  const others = {
    Mounts: [
      {
        Type: 'bind',
        Source: '/a',
        Destination: '/workspace',
        Driver: '',
        Mode: '',
        Options: ['rbind'],
        RW: true,
        Propagation: 'rprivate',
      },
    ],
    Ports: [{ host_ip: '', container_port: 80, host_port: 8080, range: 1, protocol: 'tcp' }],
    ExposedPorts: { 80: ['tcp'] },
    Networks: ['podman'],
  };
  expect(containerRows(JSON.stringify([{ ...podman5, ...others }]))).toEqual(containerRows(JSON.stringify([podman5])));
});

// `--size` adds `rootFsSize` and `rwSize`, in 4.3.1 as recorded and in pkg/ps/define of podman 5.
test('what a container has written is known where it was asked for, and else is unknown', () => {
  const Size = { rootFsSize: 176733397, rwSize: 999_600 };
  expect(containerSizes(JSON.stringify([{ ...podman5, Size }]))).toEqual(new Map([['demo-run-k3v8h', 999_600]]));
  expect(containerSizes('[]')).toEqual(new Map());
  for (const text of [JSON.stringify([podman5]), JSON.stringify([{ ...podman5, Size: {} }]), 'Error', '{}'])
    expect(containerSizes(text)).toBeNull();
});

test('what podman 5 prints, with what it leaves empty', () => {
  expect(containerRows(JSON.stringify([podman5]))).toEqual([
    {
      id: 'f'.repeat(64),
      name: 'demo-run-k3v8h',
      state: 'exited',
      imageId: 'e'.repeat(64),
      labels: {},
      startedAt: new Date('2026-11-21T12:40:27Z'),
      exitCode: -1,
      finishedAt: new Date('2026-11-21T12:40:30Z'),
    },
  ]);
});

test.each([
  { word: 'configured', state: 'created' },
  { word: 'Created', state: 'created' },
  { word: 'initialized', state: 'initialized' },
  { word: 'running', state: 'running' },
  { word: 'paused', state: 'paused' },
  { word: 'stopping', state: 'stopping' },
  { word: 'stopped', state: 'exited' },
  { word: 'removing', state: 'removing' },
  // `String()` in libpod/define/containerstate.go (commit 03ead93c) has these two for a container that podman itself does not understand.
  { word: 'unknown', state: 'dead' },
  { word: 'bad state', state: 'dead' },
])('podman’s $word is $state', ({ word, state }) => {
  expect(containerRows(JSON.stringify([{ ...podman5, State: word }]))).toMatchObject([{ state }]);
});

test('only what has ended has an end: a container that was started again keeps nothing of its first run', () => {
  for (const State of ['running', 'paused', 'stopping', 'created'])
    expect(containerRows(JSON.stringify([{ ...podman5, State }]))).toMatchObject([{ exitCode: null, finishedAt: null }]);
});

test.each(['[]', 'null', ''])('`%s` is a list of none', (text) => {
  expect(containerRows(text)).toEqual([]);
});

test.each([
  ...['Error: database is locked', '[', '{}', '7', '"x"', '[null]', '[{}]', '[{"Id":"a"}]'],
  ...[
    { ...podman5, Names: [] },
    { ...podman5, Names: 'demo' },
    { ...podman5, State: 7 },
    { ...podman5, Labels: { a: 1 } },
    { ...podman5, StartedAt: 'yesterday' },
  ].map((row) => JSON.stringify([podman5, row])),
])('%j cannot be read, which is not a list of none', (text) => {
  expect(containerRows(text)).toBeNull();
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const rows = containerRows(text);
      expect(rows === null || Array.isArray(rows)).toBe(true);
    }),
  );
});
