import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseLayer, basePackages, hashOf } from './layers.ts';

test('two lists of parts have the same hash exactly when they are the same', () => {
  const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('', 'a', '1:a', ':', '0:', 'ä')), { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (first, second) => {
      const same = first.length === second.length && first.every((part, index) => part === second[index]);
      expect(hashOf(first) === hashOf(second)).toBe(same);
    }),
    {
      examples: [
        [['a', 'b'], ['ab']],
        [['a'], ['a', '']],
        [[], ['']],
        [['1:a'], ['a']],
      ],
    },
  );
});

test('the same base makes the same layer, and another base another', () => {
  const layer = baseLayer('localhost/base:1', 'sha256:a');
  expect(baseLayer('localhost/base:1', 'sha256:a')).toEqual(layer);
  expect(baseLayer('localhost/base:1', 'sha256:b').contentHash).not.toBe(layer.contentHash);
  expect(baseLayer('localhost/base:2', 'sha256:a').contentHash).not.toBe(layer.contentHash);
  expect(layer.contentHash).toMatch(/^[0-9a-f]{64}$/);
});

test('the layer ends as our user in the workspace, and nothing after the setup runs as root', () => {
  const lines = baseLayer('localhost/base:1', 'sha256:a').containerfile.trimEnd().split('\n');
  expect(lines[0]).toBe('FROM localhost/base:1');
  expect(lines.slice(-2)).toEqual(['USER 1000:1000', 'WORKDIR /workspace']);
  expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER root', 'USER 1000:1000']);
});

test('every file of the context is copied, and no other', () => {
  const { containerfile, files } = baseLayer('localhost/base:1', 'sha256:a');
  const copied = containerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY '))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .filter((word) => !word.startsWith('--'));
  expect(copied.toSorted()).toEqual(Object.keys(files).toSorted());
});

test('a shell reads every step without a complaint', () => {
  const steps = baseLayer('localhost/base:1', 'sha256:a')
    .containerfile.split('\n')
    .filter((line) => line.startsWith('RUN '));
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: step.slice('RUN '.length), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
});

test('git is told to read the mirror and the workspace, whoever owns them', () => {
  expect(baseLayer('localhost/base:1', 'sha256:a').files['gitconfig']).toMatch(
    /\[safe\]\n\tdirectory = \/run\/terok\/mirror\.git\n\tdirectory = \/workspace\n/,
  );
});

test('there is no way to become root in it', () => {
  for (const name of ['sudo', 'doas']) {
    expect(basePackages).not.toContain(name);
    expect(baseLayer('localhost/base:1', 'sha256:a').containerfile).not.toContain(name);
  }
});
