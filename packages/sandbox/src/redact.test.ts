import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';

const secret = 'p@ss word/1"x';

describe('a known secret is taken out', () => {
  test.each([
    ['as it is', `key=${secret}.`, 'key=<redacted>.'],
    ['in an address', `?key=${encodeURIComponent(secret)}&x`, '?key=<redacted>&x'],
    ['in the body of a form', `key=${encodeURIComponent(secret).replaceAll('%20', '+')}&x`, 'key=<redacted>&x'],
    ['in JSON', JSON.stringify({ key: secret }), '{"key":"<redacted>"}'],
    ['without the blank at its end', 'tok: abcdefgh!', 'tok: <redacted>!'],
  ])('%s', (_, text, expected) => {
    expect(redact(text, [secret, 'abcdefgh\n'])).toBe(expected);
  });

  test('the longer one goes first', () => {
    expect(redact('abcd abcdef', ['abcd', 'abcdef'])).toBe('<redacted> <redacted>');
  });

  test('one that is the word itself changes nothing twice', () => {
    expect(redact(redact('redacted', ['redacted']), ['redacted'])).toBe('<redacted>');
  });

  test('one of three characters stays, or nothing could be read', () => {
    expect(redact('the cat', ['cat', ''])).toBe('the cat');
  });
});

// Made up here from parts, so that no scanner takes this file for a leak.
const letters = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8';
const token = (prefix: string): string => prefix + letters;

describe('the shape of a token is enough', () => {
  test.each([
    token('sk-'),
    token('sk-ant-'),
    token('ghp_'),
    token('gho_'),
    token('github_pat_'),
    token('glpat-'),
    token('npm_'),
    token('xoxb-'),
    token('AIza'),
    'AKIA'.concat('ABCD1234EFGH5678'),
    `eyJ${letters}.${letters}.${letters}`,
    `-----BEGIN PRIVATE KEY-----\n${letters}\n-----END PRIVATE KEY-----`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${letters}`,
  ])('%s', (text) => {
    expect(redact(`before ${text} after`, [])).toMatch(/^before <redacted>( after)?$/);
  });

  test('what stands around it is kept', () => {
    expect(redact(`https://me:${letters}@example.org/x`, [])).toBe('https://<redacted>@example.org/x');
    expect(redact(`Authorization: Bearer ${letters}`, [])).toBe('Authorization: Bearer <redacted>');
    expect(redact('https://example.org:8080/a@b and task-1', [])).toBe('https://example.org:8080/a@b and task-1');
  });
});

test('no surroundings hide a secret, not even base64', () => {
  const word = fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8 && text.isWellFormed());
  const around = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, around, around, (hidden, before, after) => {
      const text = before + hidden + after;
      expect(redact(text, [hidden]).replaceAll('<redacted>', '')).not.toContain(hidden);
      const decoded = Buffer.from(
        redact(Buffer.from(text, 'utf8').toString('base64'), [hidden]).replaceAll('<redacted>', ''),
        'base64',
      ).toString('utf8');
      expect(decoded).not.toContain(hidden);
    }),
  );
});

test('doing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { maxLength: 4 }), (text, secrets) => {
      const once = redact(text, secrets);
      expect(redact(once, secrets)).toBe(once);
    }),
  );
});
