import { readFileSync } from 'node:fs';
import { taskStatuses } from '@terok/orchestration';
import { expect, test } from 'vitest';

const page = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const rows = (text: string) => text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

/** As the reference has them, with placeholders for what varies. */
const messages = rows(page('reference/errors.md')).map((cells) => cells.slice(1).join('|').replaceAll('`', ''));
const quoted = rows(page('guides/troubleshooting.md')).flatMap(([, symptom = '']) => /^`([^`]+)`/.exec(symptom)?.slice(1) ?? []);

/** Whether its parts, which dots stand between, follow each other in the text. */
function quotes(quote: string, text: string): boolean {
  let at = 0;
  for (const part of quote.split('…').map((each) => each.trim())) {
    at = text.indexOf(part, at);
    if (at === -1) return false;
    at += part.length;
  }
  return true;
}

test('what the guide to troubleshooting quotes is a status of a task or the message of an error', () => {
  expect(quoted.length).toBeGreaterThan(15);
  const statuses: readonly string[] = taskStatuses;
  expect(quoted.filter((quote) => !statuses.includes(quote) && !messages.some((message) => quotes(quote, message)))).toEqual([]);
});

test('a quote whose parts come in another order is none', () => {
  expect([quotes('The … is not', 'The {secret} is not'), quotes('is not … The', 'The {secret} is not')]).toEqual([true, false]);
});
