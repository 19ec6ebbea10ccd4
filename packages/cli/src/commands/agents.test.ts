import { expect, test } from 'vitest';
import { memoryHost } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const mine = 'label: Mine\ngit_identity: { name: m, email: m@localhost }\nrun: { prompt: stdin, start: [/bin/cat] }\n';

test('agents are listed with where they are written; a wrong file takes one away and is named with its place', async () => {
  const host = await memoryHost({
    disk: {
      '/config/agents/mine.yaml': mine,
      '/config/agents/gemini.yaml': 'label: Ours\n',
      '/config/agents/codex.yaml': 'run:\n  modle: [x]\n',
    },
  });
  const shown = await session('agents list', host);
  expect(shown).toMatch(/^gemini +Ours +[\d.]+ +terok, changed by \/config\/agents\/gemini\.yaml +GEMINI_API_KEY$/m);
  expect(shown).toMatch(/^mine +Mine +\/config\/agents\/mine\.yaml$/m);
  expect(shown).toMatch(/^codex +cannot be used: 1 problem +terok, changed by \/config\/agents\/codex\.yaml$/m);
  expect(shown).toContain('warning: /config/agents/codex.yaml:2:3: run.modle: Unknown key `modle`\n');
  expect(shown).toMatch(/=> 0\n$/);
});

test('an agent is shown with how it is installed and run', async () => {
  const shown = await session('agents show shell', await memoryHost());
  expect(shown).toMatch(/^agent +shell$/m);
  expect(shown).toMatch(/^version +\(installs nothing\)$/m);
  const chosen = await session('agents show', { ...(await memoryHost()), typed: ['shell'], environment: { NO_COLOR: '1' } });
  expect(chosen).toContain('? Which agent?\n');
  expect(chosen).toMatch(/^agent +shell$/m);
  expect(await session('agents show', await memoryHost())).toContain(
    'error: AGENT is missing.\nhint: `terok agents list` lists them all.\n=> 2',
  );
  const claude = await session('agents show claude', await memoryHost());
  expect(claude).toMatch(/^needs one of +ANTHROPIC_API_KEY CLAUDE_CODE_OAUTH_TOKEN$/m);
  expect(claude).toMatch(/^package +@anthropic-ai\/claude-code-linux-x64@\d+\.\d+\.\d+ \(x64\)$/m);
});

test('an agent that is not there is told from one that is wrong', async () => {
  const host = await memoryHost({ disk: { '/config/agents/codex.yaml': '[' } });
  expect(await session('agents show cluade', host)).toContain('error: There is no agent `cluade`.\nhint: Did you mean `claude`?');
  expect(await session('agents show codex', host)).toContain('error: The file of agent `codex` is not valid:');
});
