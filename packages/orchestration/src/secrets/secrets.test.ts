import * as fc from 'fast-check';
import type { Command, ProcessEnd, Processes } from '@terok/executor';
import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { knownSecrets, resolveSecrets, secretsFor, type SecretSources } from './secrets.ts';
import { secretsFileText } from './secrets-file.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

type Given = { readonly printed?: string; readonly end?: ProcessEnd; readonly files?: Readonly<Record<string, string>> };

function host({ printed = '', end = { kind: 'exited', exitCode: 0 }, files = {} }: Given = {}) {
  const started: Command[] = [];
  const processes: Pick<Processes, 'run'> = {
    run(command) {
      started.push(command);
      return Promise.resolve({ end, stdout: bytes(printed), stderr: bytes('the value is in here') });
    },
  };
  const env = { HOME: '/home/me', PATH: '/bin', TOKEN: 'from the environment', EMPTY: '' };
  return { started, ctx: { files: memoryFiles(files), processes: processes as Processes, env } };
}

test('values come from files, variables and commands, less one line end', async () => {
  const { ctx, started } = host({ printed: 'from a command\n', files: { '/home/me/key': 'from a file\r\n', '/key': 'as it is' } });
  const sources: SecretSources = {
    A: { file: '~/key' },
    B: { env: 'TOKEN' },
    C: { command: ['pass', 'show', 'key'] },
    D: { file: '/key' },
  };
  expect(await resolveSecrets(ctx, sources)).toEqual({ A: 'from a file', B: 'from the environment', C: 'from a command', D: 'as it is' });
  expect(started.map(({ binary, args }) => [binary, ...args])).toEqual([['pass', 'show', 'key']]);
  expect(started[0]?.env).not.toHaveProperty('TOKEN');
});

test.each([
  ['claude', ['ALL', 'ONE', 'TWO']],
  ['codex', ['ALL', 'TWO']],
  ['shell', ['ALL']],
])('a container of %s gets %j', (agent, expected) => {
  const source = { env: 'TOKEN' };
  const sources: SecretSources = { ALL: source, ONE: { ...source, agents: ['claude'] }, TWO: { ...source, agents: ['claude', 'codex'] } };
  expect(Object.keys(secretsFor(agent, sources))).toEqual(expected);
});

type Refused = readonly [what: string, sources: SecretSources, given: Given, reason: string];

test.each<Refused>([
  ['a file that is not there', { A: { file: '/none' } }, {}, 'there is no file `/none`'],
  ['a variable that is not set', { A: { env: 'NONE' } }, {}, 'the variable `NONE` is not set'],
  ['a variable that is empty', { A: { env: 'EMPTY' } }, {}, 'the variable `EMPTY` is not set'],
  ['a command that fails', { A: { command: ['x'] } }, { end: { kind: 'exited', exitCode: 3 } }, '`x` ended with 3'],
  ['a command that is not there', { A: { command: ['x'] } }, { end: { kind: 'missing' } }, '`x` could not be started'],
  ['nothing', { A: { command: ['x'] } }, {}, 'it is empty'],
  ['more than a line', { A: { command: ['x'] } }, { printed: 'one\nB=two\n' }, 'a line break'],
  ['a quotation', { A: { command: ['x'] } }, { printed: '"quoted"' }, 'a quotation mark'],
])('%s stops the launch, and no value is told', async (_, sources, given, reason) => {
  const { ctx } = host(given);
  const refusal = await resolveSecrets(ctx, sources).then(String, String);
  expect(refusal).toContain(reason);
  expect(refusal).not.toMatch(/quoted|B=two|value is in/);
});

test('for taking secrets out of text, those that can be had are enough', async () => {
  expect(await knownSecrets(host().ctx, { A: { file: '/none' }, B: { env: 'TOKEN' } })).toEqual(['from the environment']);
});

test('no value can bring another variable along', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (printed) => {
      const found = await resolveSecrets(host({ printed }).ctx, { A: { command: ['x'] } }).catch(() => ({}));
      const text = secretsFileText(found);
      expect(text === '' || (text.startsWith('A=') && text.indexOf('\n') === text.length - 1)).toBe(true);
    }),
  );
});
