import { expect, test } from 'vitest';
import { fakeWorld } from '../testing/fake-world.ts';
import { paintWith } from './colour.ts';
import { noteTo } from './note.ts';
import { progressOn } from './progress.ts';

function shown(options: Parameters<typeof fakeWorld>[0]): string {
  const world = fakeWorld(options);
  const note = noteTo(world.stderr, paintWith(false));
  const progress = progressOn(note);
  progress({ kind: 'stage', stage: 'image', text: 'building' });
  progress({ kind: 'line', stage: 'image', text: `\u001B[2Jstep 1 ${'x'.repeat(100)}` });
  progress({ kind: 'line', stage: 'image', text: '' });
  progress({ kind: 'line', stage: 'image', text: 'step 2' });
  note.say('built');
  return world.said.stderr();
}

test('in a pipe every line stays', () => {
  expect(shown({})).toBe(`• building\n  step 1 ${'x'.repeat(100)}\n  step 2\nbuilt\n`);
});

test('on a terminal lines pass, cut to its width, and whatever comes next takes their place', () => {
  expect(shown({ typed: [] })).toBe(`• building\n  step 1 ${'x'.repeat(69)}…\r\u001B[2K  step 2\r\u001B[2Kbuilt\n`);
});
