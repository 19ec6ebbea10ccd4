import { expect, test } from 'vitest';
import { usageLine } from './usage.ts';

test('shows flags as they are typed, with what they take', () => {
  const flags = {
    dryRun: { kind: 'boolean' },
    images: { kind: 'boolean', default: true },
    against: { kind: 'enum', optional: true, values: ['base', 'HEAD'] },
    timeLimit: { kind: 'parsed', optional: true, placeholder: 'DURATION' },
    since: { kind: 'parsed', default: '1d', placeholder: 'DURATION' },
    for: { kind: 'parsed', placeholder: 'DURATION' },
  };
  expect(usageLine({ flags }, 'PROJECT')).toBe(
    'PROJECT [--dry-run] [--no-images] [--against base|HEAD]\n      [--time-limit DURATION] [--since DURATION] --for DURATION',
  );
});

test('wraps what is long, and says nothing where there is nothing', () => {
  const flags = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`flag${'x'.repeat(10)}${index}`, { kind: 'boolean' }]));
  expect(
    usageLine({ flags }, 'PROJECT')
      .split('\n')
      .map((line) => line.trim().length)
      .every((length) => length <= 62),
  ).toBe(true);
  expect(usageLine({}, '')).toBe('');
});
