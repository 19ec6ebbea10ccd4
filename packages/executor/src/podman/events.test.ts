import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerEvent, printedBytes } from './events.ts';

// As podman 4.3.1 printed it.
const recorded =
  '{"ID":"7fc0993e8c74","Image":"localhost/base:1","Name":"demo-run-k3v8h","Status":"died","Time":"2026-11-21T11:43:00.430000000Z","Type":"container","Attributes":{"ai.terok.root":"8f23"}}';

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

test.each([
  ['12.5MB (virtual 1.23GB)', 12_500_000],
  ['0B (virtual 5.58MB)', 0],
  ['1KiB', 1024],
  ['1.5 GiB', 1_610_612_736],
  ['', null],
  ['many', null],
])('`%s` is %s bytes', (size, bytes) => {
  expect(printedBytes(size)).toBe(bytes);
});
