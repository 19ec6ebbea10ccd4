import { expect, test } from 'vitest';
import { manPage } from './man-page.ts';
import { commandReference } from './reference.ts';

test('every command, flag and argument is in the manual', async () => {
  const commands = await commandReference();
  const page = manPage(commands).replaceAll('\\-', '-');
  for (const { words, documentation } of commands) {
    expect(page).toContain(`.SS "${words}"`);
    for (const { name } of documentation.flags) expect(page).toContain(`\\fB${name}\\fR`);
  }
});

test('what roff would obey is text', () => {
  const documentation = { usages: [''], description: ".not a macro\n'nor this", flags: [], arguments: [] };
  const page = manPage([{ words: 'terok x', shortForm: null, brief: 'A \\fBbackslash and `a-flag`', help: '', documentation }]);
  expect(page).toContain('A \\efBbackslash and \\fBa\\-flag\\fR.');
  expect(page).toContain('\n\\&.not a macro\n');
  expect(page).not.toMatch(/^'/m);
});
