import { expect, test } from 'vitest';
import { commandLineProblem } from 'terok';
import { markdownPage } from './markdown-page.ts';
import { commandProblems, fileProblems, linkProblems } from './page-problems.ts';
import { writtenFileProblems } from './written-file.ts';

const pagesOf = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, markdownPage(text)]));
const script = (...lines: readonly string[]) => `# Page\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`;

test('a command that terok takes is no problem', async () => {
  const pages = pagesOf({ 'a.md': script('terok setup', 'id=$(terok run demo --prompt x --detach) && ./bin/terok wait demo "$id"') });
  expect(await commandProblems(pages, commandLineProblem)).toEqual([]);
});

test.each([
  ['terok strat', 'a.md:5 `terok strat`: There is no command `strat`'],
  ['terok task run demo --promt x', 'a.md:5 `terok task run demo --promt x`: There is no flag `--promt`'],
  ['terok task stop demo', 'a.md:5 `terok task stop demo`: It lacks an argument'],
  ["echo 'open", 'a.md:4 this is no shell script'],
])('`%s` on a page is a problem with a place', async (line, expected) => {
  const [problem] = await commandProblems(pagesOf({ 'a.md': script('# first', line) }), commandLineProblem);
  expect(`${problem?.file}:${problem?.line} ${problem?.problem}`).toContain(expected);
});

test('only what is marked as shell is read as shell', async () => {
  const pages = pagesOf({ 'a.md': '```text\nterok nothing\n```\n' });
  expect(await commandProblems(pages, commandLineProblem)).toEqual([]);
});

test.each([
  ['b.md', null],
  ['b.md#part-two', null],
  ['#page', null],
  ['../LICENSE', null],
  ['https://example.org/x', null],
  ['c.md', 'leads to nothing'],
  ['b.md#part-three', 'names a heading that is not there'],
  ['#nothing', 'names a heading that is not there'],
  ['/b.md', 'is not relative'],
])('a link to %s: %s', (target, expected) => {
  const pages = pagesOf({ 'docs/a.md': `# Page\n\n[x](${target})\n`, 'docs/b.md': '# B\n\n## Part two\n' });
  const problems = linkProblems(pages, (path) => path === 'LICENSE');
  expect(problems.map(({ problem }) => problem)).toEqual(expected === null ? [] : [`the link \`${target}\` ${expected}`]);
});

const yaml = (...lines: readonly string[]) =>
  fileProblems(pagesOf({ 'a.md': `\`\`\`yaml\n${lines.join('\n')}\n\`\`\`\n` }), writtenFileProblems);

test.each([
  [['# config.yml', 'limits: { memory: 8g }']],
  [['# projects/demo/project.yml', 'repository: /src/demo', 'network: { mode: open }']],
  [['# agents/claude.yaml', 'run: { keys: [MY_KEY] }']],
])('%j is what such a file may say', async (lines) => expect(await yaml(...lines)).toEqual([]));

test.each([
  [['# config.yml', 'limits: { memroy: 8g }'], 'memroy'],
  [['# config.yml', 'limit: {}'], 'limit'],
  [['# projects/demo/project.yml', 'network: { mode: open }'], 'repository'],
  [['# agents/mine.yaml', 'label: Mine'], 'git_identity'],
  [['# notes.txt', 'a: b'], 'no file that terok reads'],
  [['a: b'], 'does not say which file'],
])('%j is not', async (lines, expected) => {
  expect((await yaml(...lines)).map(({ problem }) => problem).join('\n')).toContain(expected);
});
