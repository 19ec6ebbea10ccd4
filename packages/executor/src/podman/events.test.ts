import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerEvent } from './events.ts';

// As podman 4.3.1 printed it: the time is a text.
const recorded =
  '{"ID":"7fc0993e8c74","Image":"localhost/base:1","Name":"demo-run-k3v8h","Status":"died","Time":"2026-11-21T11:43:00.430000000Z","Type":"container","Attributes":{"ai.terok.root":"8f23"}}';

/**
 * What podman 5 prints, by its source: `type Event` in cmd/podman/system/events.go of github.com/containers/podman (commit 050c638c).
 * Times are numbers under names of their own, a network and the health have a key, and what is empty is left out.
 */
const podman5 = {
  ContainerExitCode: 7,
  ID: 'f'.repeat(64),
  Image: 'localhost/base:1',
  Name: 'demo-run-k3v8h',
  Status: 'died',
  time: 1795264826,
  timeNano: 1795264826430000000,
  Type: 'container',
  Attributes: { 'ai.terok.root': '8f23', 'io.buildah.version': '1.38.0' },
};

test('an event of podman 5 says the same', () => {
  const { Attributes: labels, Name: name } = podman5;
  expect(containerEvent(JSON.stringify(podman5))).toEqual({ name, status: 'died', labels });
  expect(containerEvent(JSON.stringify({ ...podman5, Attributes: undefined, health_status: '', Error: 'x' }))).toEqual({
    ...{ name, status: 'died', labels: {} },
  });
  for (const Status of ['health_status', 'rename', 'restart', 'cleanup', 'mount', 'update'])
    expect(containerEvent(JSON.stringify({ ...podman5, Status }))).toBeNull();
  expect(containerEvent(JSON.stringify({ ...podman5, Type: 'network', network: 'podman' }))).toBeNull();
});

test('an event says what happened to which container', () => {
  expect(containerEvent(recorded)).toEqual({ name: 'demo-run-k3v8h', status: 'died', labels: { 'ai.terok.root': '8f23' } });
  expect(containerEvent('{"type":"container","name":"x","status":"Start"}')).toEqual({ name: 'x', status: 'start', labels: {} });
});

test.each([
  '{"Type":"image","Name":"x","Status":"remove"}',
  '{"Type":"container","Name":"x","Status":"exec"}',
  '{"Type":"container","Status":"start"}',
  '[]',
  '',
  'x',
])('`%s` is none', (line) => {
  expect(containerEvent(line)).toBeNull();
});

test('no line makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      const event = containerEvent(line);
      expect(event === null || event.name.length >= 0).toBe(true);
    }),
  );
});
