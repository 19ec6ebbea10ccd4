import * as fc from 'fast-check';
import { TerokError } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { agentCommand, isSessionId } from './agent-command.ts';
import type { Agent } from './agent.ts';
import { agentNamed, loadRoster } from './roster.ts';

const roster = await loadRoster({ files: memoryFiles(), paths: { agents: '/config/agents' } });
const agent = (name: string): Agent => agentNamed(roster, name);
const line = (name: string, options: Parameters<typeof agentCommand>[1] = {}) => agentCommand(agent(name), options).words.join(' ');

test.each([
  ['shell', {}, '/bin/bash /home/dev/.terok/prompt.txt'],
  [
    'claude',
    { session: { kind: 'new', id: 'abc' } },
    'claude --print --output-format stream-json --verbose --dangerously-skip-permissions --session-id abc',
  ],
  [
    'claude',
    { session: { kind: 'resume', id: 'abc' }, model: 'opus' },
    'claude --print --output-format stream-json --verbose --dangerously-skip-permissions --model opus --resume abc',
  ],
  ['codex', {}, 'codex exec --json --dangerously-bypass-approvals-and-sandbox --skip-git-repo-check -'],
  [
    'codex',
    { session: { kind: 'resume', id: 'abc' }, model: 'gpt' },
    'codex exec resume --json --dangerously-bypass-approvals-and-sandbox --skip-git-repo-check --model gpt abc -',
  ],
  ['opencode', { session: { kind: 'resume', id: 'ses_1' } }, 'opencode run --format json --session ses_1'],
  ['opencode', { baseUrl: 'http://localhost:1/v1' }, 'opencode run --format json'],
  ['copilot', { session: { kind: 'new', id: 'abc' } }, 'copilot --output-format json --session-id abc'],
  [
    'gemini',
    { session: { kind: 'new', id: 'abc' }, baseUrl: 'http://localhost:1' },
    'gemini --output-format stream-json --yolo --skip-trust --model gemini-2.5-flash --session-id abc',
  ],
] as const)('%s is run by its words', (name, options, words) => {
  expect(line(name, options)).toBe(words);
});

test('the prompt is on standard input, or in a file that is named, and never a word', () => {
  for (const each of roster.agents.values()) {
    const { stdin, words } = agentCommand(each, { session: each.session === 'given' ? { kind: 'new', id: 'abc' } : null });
    expect([stdin === '/home/dev/.terok/prompt.txt', words.includes('/home/dev/.terok/prompt.txt')], each.name).toEqual(
      each.prompt === 'stdin' ? [true, false] : [false, true],
    );
  }
});

test.each([
  ['claude', 'ANTHROPIC_BASE_URL', 'http://localhost:8080/v1'],
  ['gemini', 'GOOGLE_GEMINI_BASE_URL', 'http://localhost:8080/v1'],
  ['copilot', 'COPILOT_PROVIDER_BASE_URL', 'http://localhost:8080/v1'],
])('%s is pointed at an address by %s', (name, variable, value) => {
  expect(agentCommand(agent(name), { baseUrl: 'http://localhost:8080/v1' }).environment[variable]).toBe(value);
  expect(agentCommand(agent(name)).environment).not.toHaveProperty(variable);
});

test('settings that an address is put into stay well formed, and keep what is not ours to fill in', () => {
  const { environment } = agentCommand(agent('opencode'), { baseUrl: 'https://a.example/v1?x=name', model: 'm/1' });
  expect(JSON.parse(environment['OPENCODE_CONFIG_CONTENT'] ?? '')).toMatchObject({
    provider: { terok: { options: { baseURL: 'https://a.example/v1?x=name', apiKey: '{env:OPENAI_API_KEY}' }, models: { 'm/1': {} } } },
    model: 'terok/m/1',
  });
});

test.each([
  ['shell', { model: 'm' }, 'be told which model'],
  ['shell', { baseUrl: 'http://localhost' }, 'be pointed at another address'],
  ['shell', { session: { kind: 'resume', id: 'a' } }, 'go on with an earlier session'],
  ['claude', { model: '--help' }, 'no name of a model'],
  ['claude', { session: { kind: 'resume', id: '--help' } }, 'no name of a session'],
  ['codex', { baseUrl: 'http://a"},b={c="' }, 'no plain http address'],
  ['codex', { baseUrl: 'file:///etc/passwd' }, 'no plain http address'],
  ['codex', { baseUrl: 'http://a\nb' }, 'no plain http address'],
] as const)('%s refuses %o', (name, options, said) => {
  expect(() => agentCommand(agent(name), options)).toThrow(said);
});

test('no model, session or address adds a word or begins a flag', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('--x', '-', '{session}', '{endpoint}', 'a b', 'http://{model}'));
  const count = (name: string, filled: Parameters<typeof agentCommand>[1]) => agentCommand(agent(name), filled).words.length;
  fc.assert(
    fc.property(
      fc.constantFrom('claude', 'codex', 'opencode', 'copilot', 'gemini'),
      anything,
      anything,
      anything,
      (name, model, id, baseUrl) => {
        const plain = count(name, { model: 'm', session: { kind: 'resume', id: 's' }, baseUrl: 'http://h' });
        const words = wordsOrRefusal(name, { model, session: { kind: 'resume', id }, baseUrl });
        expect(words === 'refused' || (words.length === plain && isSessionId(id) && !model.startsWith('-'))).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

function wordsOrRefusal(name: string, options: Parameters<typeof agentCommand>[1]): readonly string[] | 'refused' {
  try {
    return agentCommand(agent(name), options).words;
  } catch (error) {
    if (error instanceof TerokError && error.code === 'AGENT_CANNOT') return 'refused';
    throw error;
  }
}
