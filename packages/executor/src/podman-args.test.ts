import { TerokError } from '@terok/sandbox';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedPodmanArgs, parsePodmanArgs, podmanArgWords, refuseGpus, shmSizeOf } from './podman-args.ts';

const written = (word: string) => podmanArgWords(parsePodmanArgs([word], 'open'));

test.each([
  ['--dns=192.0.2.1', ['--dns=192.0.2.1']],
  ['--dns=2001:db8::1', ['--dns=2001:db8::1']],
  ['--dns-search=corp.example', ['--dns-search=corp.example']],
  ['--add-host=db.example:2001:db8::1', ['--add-host=db.example:2001:db8::1']],
  ['--shm-size=1g', []],
  ['--tz=America/Argentina/Ushuaia', ['--tz=America/Argentina/Ushuaia']],
  ['--env=A=b=c --privileged', ['--env=A=b=c --privileged']],
  ['--env=EMPTY=', ['--env=EMPTY=']],
  ['--tmpfs=/mnt/scratch', ['--tmpfs=/mnt/scratch:rw,nosuid,nodev,noexec,size=64m,mode=1777']],
  ['--tmpfs=/var/cache/build:1g', ['--tmpfs=/var/cache/build:rw,nosuid,nodev,noexec,size=1g,mode=1777']],
])('%s becomes %j', (word, words) => {
  expect(written(word)).toEqual(words);
});

test.each([
  ...['', '--', '--privileged', '--cap-add=all', '--volume=/:/host', '-v=/:/host', '--network=host', '--device=/dev/kvm', '--dns'],
  ...[
    '--dns=',
    '--dns=dns.example',
    '--dns=192.0.2.1,host',
    '--dns-search=-x',
    '--dns-search=a b',
    '--add-host=db',
    '--add-host=:192.0.2.1',
  ],
  ...['--add-host=db:host-gateway', '--shm-size=0', '--shm-size=-1', '--shm-size=1g,exec', '--tz=local', '--tz=../../etc/passwd'],
  ...['--env=HOME', '--env=*', '--env=A*=', '--env==x', '--env=A=b\nB=c', '--env=API_KEY=x', '--env=GITHUB_TOKEN=x', '--env-host=true'],
  ...['--tmpfs=/workspace', '--tmpfs=/run/terok/x', '--tmpfs=/mnt', '--tmpfs=/mnt/../etc', '--tmpfs=/mnt/.x', '--tmpfs=/mnt/x:rw,exec'],
])('%j is refused, and what is allowed is named', (word) => {
  expect(() => written(word)).toThrow(
    expect.objectContaining({ code: 'PODMAN_ARG_REFUSED', hint: expect.stringContaining('--tmpfs=PATH') as string }),
  );
});

test('a value that may be secret is not repeated', () => {
  expect(() => written('--env=API_KEY=hunter2')).toThrow(/`--env=API_KEY` is refused: values that are secret/);
});

test.each(['--dns=192.0.2.1', '--dns-search=corp.example', '--add-host=db:192.0.2.1'])('%s needs a network', (word) => {
  expect(() => parsePodmanArgs([word], 'none')).toThrow(/network\.mode: open/);
});

test('the last size of the shared memory counts', () => {
  expect(shmSizeOf([])).toBe('65536k');
  expect(shmSizeOf(parsePodmanArgs(['--shm-size=1g', '--shm-size=2g'], 'none'))).toBe('2g');
});

test('more arguments than anybody needs are refused', () => {
  expect(() =>
    parsePodmanArgs(
      Array.from({ length: 65 }, () => '--tz=Europe/Berlin'),
      'none',
    ),
  ).toThrow(/more than 64/);
});

const flags = allowedPodmanArgs.map((text) => text.slice(0, text.indexOf('=') + 1));
const piece = fc.oneof(
  fc.string(),
  fc.constantFrom(':', '=', ',', '1g', 'A=', '--privileged', '\n', '..', ',exec', ':exec', ' ', '\u2028'),
);
/** A whole value, mostly with nothing or one thing too many behind it. */
const value = fc.constantFrom('192.0.2.1', 'a.b', 'a.b:192.0.2.1', '/mnt/x', '/srv/x:1g', 'A=b', 'Europe/Berlin', '2g');
const word = fc
  .tuple(fc.constantFrom(...flags, '', '--privileged=', '--volume='), value, fc.array(piece, { maxLength: 1 }))
  .map(([flag, whole, rest]) => [flag, whole, ...rest].join(''));

const wordOfOurs =
  /^--(?:(?:dns|dns-search|add-host|tz)=[A-Za-z0-9:./_+-]+|env=[A-Za-z_]\w*=[^\u0000-\u001f]*|tmpfs=\/[^:,\s]+:rw,nosuid,nodev,noexec,size=\d+[kmg]?,mode=1777)$/;

test('no words add another flag, another mount option or a line', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 2 }), (words) => {
      let made: readonly string[];
      try {
        made = podmanArgWords(parsePodmanArgs(words, 'open'));
      } catch (error) {
        if (error instanceof TerokError && error.code === 'PODMAN_ARG_REFUSED') return;
        throw error;
      }
      taken += 1;
      expect(made.length).toBeLessThanOrEqual(words.length);
      for (const one of made) expect(one).toMatch(wordOfOurs);
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('no device of the host is promised', () => {
  expect(() => refuseGpus('off')).not.toThrow();
  for (const gpus of ['all', '0', 'nvidia', ''])
    expect(() => refuseGpus(gpus)).toThrow(expect.objectContaining({ code: 'GPU_UNAVAILABLE' }));
});
