import { expect, test } from 'vitest';
import { redactor } from './redact.mjs';

test.each([
  [
    'the value of a variable named like a secret',
    { NPM_TOKEN: 'hunter22' },
    'sent hunter22 twice: hunter22',
    'sent [redacted] twice: [redacted]',
  ],
  ['the longer of two secrets first', { A_SECRET: 'abcdef', B_SECRET: 'abcdefghi' }, 'abcdefghi', '[redacted]'],
  ['the user part of an address', {}, 'GET https://me:word@host.example/x', 'GET https://[redacted]@host.example/x'],
  ['nothing of an ordinary variable', { HOME: '/home/ada', LANG: 'en_GB.UTF-8' }, 'in /home/ada', 'in /home/ada'],
  ['nothing where a secret is too short to be one', { AUTH: 'no' }, 'no, not now', 'no, not now'],
])('takes out %s', (_, env, text, redacted) => {
  expect(redactor(env)(text)).toBe(redacted);
});
