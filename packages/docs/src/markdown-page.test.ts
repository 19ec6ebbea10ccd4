import { expect, test } from 'vitest';
import { markdownPage } from './markdown-page.ts';

const source = [
  '---',
  'title: Start',
  '---',
  '# First `task`',
  '',
  'See [the next](b.md#part-two) and ![a picture](house.svg).',
  '',
  '## Part two',
  '',
  '- in a list:',
  '',
  '  ```sh',
  '  terok setup',
  '  ```',
  '',
  '```sh',
  'terok version',
  '```',
  '',
].join('\n');

test('a page is its title, its anchors, its links and its code, each with its line', () => {
  const { title, anchors, links, code } = markdownPage(source);
  expect(title).toBe('First task');
  expect([...anchors]).toEqual(['first-task', 'part-two']);
  expect(links).toEqual([
    { target: 'b.md#part-two', line: 6 },
    { target: 'house.svg', line: 6 },
  ]);
  expect(code.map(({ language, text }) => [language, text])).toEqual([
    ['sh', 'terok setup'],
    ['sh', 'terok version'],
  ]);
  expect(code[1]?.line).toBe(17);
});

test('a heading that two readers of Markdown would name differently cannot be linked to', () => {
  expect([...markdownPage("# It's here\n").anchors]).toEqual(['']);
});
