import { readFileSync } from 'node:fs';
import { labelNames } from '@terok/executor';
import { LifecycleState, sleepStepIds } from '@terok/lifecycle-daemon';
import { hookNames, taskStatuses } from '@terok/orchestration';
import { SetupVerdict, TRACKED_PACKAGES } from '@terok/sandbox';
import { expect, test } from 'vitest';

const section = (page: string, heading: string): string => {
  const text = readFileSync(new URL(`../concepts/${page}.md`, import.meta.url), 'utf8');
  return text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
};
/** What stands in backticks at the beginning of a row, in this column. */
const column = (text: string, number: number): readonly string[] =>
  text.split('\n').flatMap((line) => /^`([^`]+)`/.exec(line.split('|')[number]?.trim() ?? '')?.slice(1) ?? []);

test.each<[string, string, number, readonly string[]]>([
  ['life-of-a-task', 'States', 1, taskStatuses],
  ['life-of-a-task', 'Hooks of a project', 1, hookNames],
  ['installations', 'How it knows its own', 1, Object.values(labelNames)],
  ['setup-stamp', 'The verdict', 1, Object.values(SetupVerdict)],
  ['lifecycle-daemon', 'Four states', 1, Object.values(LifecycleState)],
  ['lifecycle-daemon', 'Seven steps', 2, sleepStepIds],
])('%s lists under "%s" what there is', (page, heading, number, known) => {
  expect(column(section(page, heading), number).toSorted()).toEqual([...known].toSorted());
});

test('the setup stamp tracks the packages that its page names', () => {
  const named = [...section('setup-stamp', 'The file').matchAll(/`(@?terok(?:\/[a-z-]+)?)`/g)].map(([, name = '']) => name);
  expect(named.toSorted()).toEqual([...TRACKED_PACKAGES].toSorted());
});
