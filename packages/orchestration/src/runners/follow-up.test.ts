import { agentNamed, loadRoster } from '@terok/executor';
import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { sessionFor } from './follow-up.ts';

const roster = await loadRoster({ files: memoryFiles(), paths: { agents: '/config/agents' } });

test.each([
  ['claude, first', 'claude', null, { kind: 'new', id: 'new' }],
  ['claude, again', 'claude', { agent: 'claude', session_id: 'old' }, { kind: 'resume', id: 'old' }],
  ['claude, whose session was lost', 'claude', { agent: 'claude', session_id: null }, { kind: 'new', id: 'new' }],
  ['claude, after another agent', 'claude', { agent: 'codex', session_id: 'old' }, { kind: 'new', id: 'new' }],
  ['codex, first: it names its session itself', 'codex', null, null],
  ['codex, again', 'codex', { agent: 'codex', session_id: 'old' }, { kind: 'resume', id: 'old' }],
  ['codex, whose session is a flag', 'codex', { agent: 'codex', session_id: '--help' }, null],
  ['the shell', 'shell', { agent: 'shell', session_id: 'old' }, null],
])('the session of %s', (_, name, before, expected) => {
  expect(sessionFor(agentNamed(roster, name), before, 'new')).toEqual(expected);
});
