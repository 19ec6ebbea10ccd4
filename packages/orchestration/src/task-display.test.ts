import { describe, expect, test } from 'vitest';
import { badgeText, modeDisplay, statusDisplay, workPhaseDisplay } from './task-display.ts';
import { taskStatuses } from './task-state.ts';
import { workPhases } from './work-status.ts';

const modes = ['cli', 'run', 'toad', null] as const;
const badges = [...Object.values(statusDisplay), ...modes.map(modeDisplay), ...Object.values(workPhaseDisplay)];

describe('every badge', () => {
  test.each(badges.map(({ emoji }) => emoji))('%s is one character, two columns wide in every terminal', (emoji) => {
    // What is shown as an emoji without being asked to is wide by the Unicode standard; a variation selector would be a second character.
    expect(emoji).toMatch(/^\p{Emoji_Presentation}$/u);
  });

  test('says in words what it shows', () => {
    expect(badgeText(statusDisplay.timed_out, { emojis: true })).toBe('⏰');
    expect(badgeText(statusDisplay.timed_out, { emojis: false })).toBe('[timed out]');
    for (const { label } of Object.values(statusDisplay)) expect(label).toMatch(/^[a-z ]+$/);
  });
});

test('every status has its own label and emoji', () => {
  expect(Object.keys(statusDisplay).toSorted()).toEqual([...taskStatuses].toSorted());
  for (const part of ['label', 'emoji'] as const)
    expect(new Set(Object.values(statusDisplay).map((row) => row[part])).size).toBe(taskStatuses.length);
});

test.each([
  ['running', '🟢', 'green'],
  ['init', '🟡', 'yellow'],
  ['starting', '⏳', 'yellow'],
  ['stopped', '🔴', 'red'],
  ['completed', '✅', 'green'],
  ['failed', '❌', 'red'],
  ['created', '🆕', 'yellow'],
  ['not found', '❓', 'yellow'],
  ['deleting', '🧹', 'yellow'],
] as const)('%s is %s in %s', (status, emoji, colour) => {
  expect(statusDisplay[status]).toEqual({ label: status, emoji, colour });
});

test.each([
  ['cli', '💻', 'CLI'],
  ['run', '🚀', 'Unattended'],
  ['toad', '🐸', 'Toad'],
  ['web', '🦗', ''],
  ['xyz', '🦗', ''],
  ['toString', '🦗', ''],
  ['__proto__', '🦗', ''],
  [null, '🦗', ''],
])('mode %s is %s %s', (mode, emoji, label) => {
  expect(modeDisplay(mode)).toEqual({ emoji, label });
});

test('every phase of work has a badge', () => {
  expect(Object.keys(workPhaseDisplay).toSorted()).toEqual([...workPhases].toSorted());
});
