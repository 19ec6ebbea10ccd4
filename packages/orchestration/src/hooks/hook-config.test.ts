import { loadConfig, resolvePaths, type Config } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import { beforeAll, expect, test } from 'vitest';
import { parseProject } from '../projects/project-config.ts';

let config: Config;
beforeAll(async () => {
  const paths = resolvePaths({ env: { TEROK_CONFIG_DIR: '/config' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  ({ config } = await loadConfig(memoryFiles(), paths));
});
const parsed = (text: string) => parseProject('demo', `repository: /r\n${text}`, '/config/projects/demo/project.yml', config);

test('what is not said is not run; each has its own deadline', () => {
  const read = parsed('hooks:\n  pre_start: { command: [/bin/true, "a b"], timeout: 7 }\n  post_stop: { command: [notify] }\n');
  expect(read).toMatchObject({
    project: {
      hooks: {
        pre_start: { command: ['/bin/true', 'a b'], timeoutSeconds: 7 },
        post_start: null,
        post_ready: null,
        post_stop: { command: ['notify'], timeoutSeconds: 30 },
      },
    },
  });
});

test.each(['', 'hooks:\n', 'hooks: {}\n'])('%j says none', (text) => {
  const read = parsed(text);
  expect(read).toMatchObject({ project: { hooks: { pre_start: null, post_start: null, post_ready: null, post_stop: null } } });
});

test.each([
  ['hooks: { pre_start: "rm -rf /" }', 'hooks.pre_start'],
  ['hooks: { pre_start: { command: [] } }', 'hooks.pre_start.command'],
  ['hooks: { pre_start: { command: [x], timeout: 601 } }', 'hooks.pre_start.timeout'],
  ['hooks: { pre_start: { command: [x], timeout: 0 } }', 'hooks.pre_start.timeout'],
  ['hooks: { before_start: { command: [x] } }', 'hooks.before_start'],
  ['git: { authorship: nobody }', 'git.authorship'],
  ['secrets: { KEY: { env: A, agents: [] } }', 'secrets.KEY.agents'],
])('%s is a problem at %s', (text, path) => {
  const read = parsed(text);
  expect(read).toMatchObject({ kind: 'invalid', problems: [{ path }] });
});

test.each([
  ['', 'agent'],
  ['git: { author_name: a, author_email: a@b }', 'human'],
  ['git: { author_name: a, author_email: a@b, authorship: agent-human }', 'agent-human'],
  ['git: { authorship: human }', 'human'],
])('%j commits by %s', (text, authorship) => {
  expect(parsed(text)).toMatchObject({ project: { authorship } });
});
