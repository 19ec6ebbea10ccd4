import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockCheckout, processIdentity } from './checkout-lock.mjs';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'terok-lock-'));
  path = join(directory, 'state/lock');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Processes as a table: what is not in it does not run. */
const running = (table: Readonly<Record<number, string>>) => (pid: number) => table[pid] ?? null;
const identityOf = running({ 10: 'boot-1 100', 11: 'boot-1 200' });

test('the second is told who is first, and leaves nothing', () => {
  expect(lockCheckout(path, { pid: 10, purpose: 'npm test', identityOf }).held).toBe(true);
  expect(lockCheckout(path, { pid: 11, purpose: 'npm run quickstart', identityOf })).toEqual({
    held: false,
    by: { pid: 10, identity: 'boot-1 100', purpose: 'npm test' },
  });
  expect(readdirSync(join(directory, 'state'))).toEqual(['lock']);
});

test('once released it is free', () => {
  const first = lockCheckout(path, { pid: 10, purpose: 'a', identityOf });
  if (first.held) first.release();
  expect(readdirSync(join(directory, 'state'))).toEqual([]);
  expect(lockCheckout(path, { pid: 11, purpose: 'b', identityOf }).held).toBe(true);
});

test('releasing leaves a lock that another took meanwhile', () => {
  const first = lockCheckout(path, { pid: 10, purpose: 'a', identityOf });
  lockCheckout(path, { pid: 11, purpose: 'b', identityOf: running({ 11: 'boot-1 200' }) });
  if (first.held) first.release();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 11 });
});

test.each([
  ['whose owner is gone', { pid: 12, identity: 'boot-1 50', purpose: 'x' }],
  ['whose owner’s number went to another process', { pid: 10, identity: 'boot-1 50', purpose: 'x' }],
  ['of another boot', { pid: 10, identity: 'boot-0 100', purpose: 'x' }],
  ['with a number that would mean a process group', { pid: -1, identity: 'boot-1 50', purpose: 'x' }],
  ['that is no object', null],
])('a lock %s is taken over', (_, stale) => {
  lockCheckout(path, { pid: 11, purpose: 'first', identityOf: running({}) });
  writeFileSync(path, JSON.stringify(stale));
  expect(lockCheckout(path, { pid: 11, purpose: 'npm test', identityOf }).held).toBe(true);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ pid: 11, identity: 'boot-1 200', purpose: 'npm test' });
  expect(readdirSync(join(directory, 'state'))).toEqual(['lock']);
});

test('a lock that is not JSON is taken over', () => {
  lockCheckout(path, { pid: 11, purpose: 'first', identityOf });
  writeFileSync(path, '{"pid": 1');
  expect(lockCheckout(path, { pid: 11, purpose: 'npm test', identityOf }).held).toBe(true);
});

test('a process is told from others by its boot and its start', () => {
  expect(processIdentity(process.pid)).toMatch(/^[0-9a-f-]{36} \d+$/);
  expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
  expect(processIdentity(process.pid)).not.toBe(processIdentity(1));
  expect(processIdentity(2 ** 30)).toBeNull();
});
