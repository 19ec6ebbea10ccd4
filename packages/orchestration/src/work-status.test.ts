import { memoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWorkStatus, readWorkStatus, workPhases, type WorkStatus } from './work-status.ts';

const directory = '/state/tasks/demo/k3v8h/agent-config';
const path = `${directory}/work-status.yml`;
const nothing = { status: null, message: null };

test.each<[text: string, status: WorkStatus]>([
  ['status: testing\nmessage: 12 of 40 pass\n', { status: 'testing', message: '12 of 40 pass' }],
  ['{"status": "done"}', { status: 'done', message: null }],
  ['blocked\n', { status: 'blocked', message: null }],
  ['message: hello', { status: null, message: 'hello' }],
  ['status: 5\nmessage: [a]', nothing],
  ['status: [testing]\nmessage: kept', { status: null, message: 'kept' }],
  ['status: conquering\nmessage: kept', { status: null, message: 'kept' }],
  ['status: TESTING', nothing],
  ['status: __proto__', nothing],
  ['__proto__: {status: done, message: x}', nothing],
  ['', nothing],
  ['null', nothing],
  ['- done', nothing],
  ['42', nothing],
  ['status: [', nothing],
  ['status: &a done\nmessage: *a', nothing],
  ['status: !!python/name:os.system done', nothing],
  ['status: done\nstatus: error', nothing],
  ['status: done\n---\nstatus: error', nothing],
  ['status: done\nmessage: "a\\u001b[2J\\u0007b\\tc\\nd"', { status: 'done', message: 'ab c d' }],
  ['status: done\nmessage: "\\u202Egnp.exe"', { status: 'done', message: '<U+202E>gnp.exe' }],
  ['status: done\nmessage: "  "', { status: 'done', message: null }],
])('%j says %j', (text, status) => {
  expect(parseWorkStatus(text)).toEqual(status);
});

test.each(workPhases)('%s is a phase', (phase) => {
  expect(parseWorkStatus(`status: ${phase}`).status).toBe(phase);
});

test('a message is cut at five hundred characters, and never inside of one', () => {
  expect(parseWorkStatus(`message: ${'x'.repeat(2000)}`).message).toBe('x'.repeat(500));
  expect(parseWorkStatus(`message: ${'🐛'.repeat(2000)}`).message).toBe('🐛'.repeat(500));
});

test('whatever the agent writes is one line that is safe to show', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (message) => {
      const shown = parseWorkStatus(`message: ${JSON.stringify(message)}`).message ?? '';
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('a missing file or directory says nothing', async () => {
  expect(await readWorkStatus(memoryFiles(), directory)).toEqual(nothing);
});

test('the file is read', async () => {
  expect(await readWorkStatus(memoryFiles({ [path]: 'status: coding\n' }), directory)).toEqual({ status: 'coding', message: null });
});

test.each<[what: string, content: string | Uint8Array]>([
  ['too large', `status: done # ${'x'.repeat(16 * 1024)}`],
  ['not UTF-8', new Uint8Array([...Buffer.from('status: done # '), 0xc3, 0x28])],
])('a file that is %s says nothing', async (_what, content) => {
  expect(await readWorkStatus(memoryFiles({ [path]: content }), directory)).toEqual(nothing);
});

test('a link or a directory in its place says nothing, wherever it leads', async () => {
  const linked = memoryFiles({ '/etc/secret.yml': 'status: done\nmessage: secret\n' });
  linked.link('/etc/secret.yml', path);
  expect(await readWorkStatus(linked, directory)).toEqual(nothing);
  expect(await readWorkStatus(memoryFiles({ [`${path}/x`]: '' }), directory)).toEqual(nothing);
});

test('a failure that is none of the file is not hidden', async () => {
  const broken = { ...memoryFiles(), readMany: () => Promise.reject(new RangeError('a bug')) };
  await expect(readWorkStatus(broken, directory)).rejects.toThrow(RangeError);
});
