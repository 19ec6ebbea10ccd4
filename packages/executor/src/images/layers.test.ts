import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseLayer, basePackages, hashOf, type LayerBase } from './layers.ts';

const layerOn = (others: Partial<LayerBase> = {}) =>
  baseLayer({ reference: 'localhost/base:1', content: 'sha256:a', family: 'deb', ...others });

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
  const layer = layerOn();
  expect(layerOn()).toEqual(layer);
  for (const other of [{ content: 'sha256:b' }, { reference: 'localhost/base:2' }, { family: 'rpm' }] as const)
    expect(layerOn(other).contentHash).not.toBe(layer.contentHash);
  expect(layer.contentHash).toMatch(/^[0-9a-f]{64}$/);
});

test('the layer ends as our user in the workspace, and nothing after the setup runs as root', () => {
  const lines = layerOn().containerfile.trimEnd().split('\n');
  expect(lines[0]).toBe('FROM localhost/base:1');
  expect(lines.slice(-2)).toEqual(['USER 1000:1000', 'WORKDIR /workspace']);
  expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER root', 'USER 1000:1000']);
});

test('every file of the context is copied, and no other', () => {
  const { containerfile, files } = layerOn();
  const copied = containerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY '))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .filter((word) => !word.startsWith('--'));
  expect(copied.toSorted()).toEqual(Object.keys(files).toSorted());
});

test.each(['deb', 'rpm'] as const)('a shell reads every step for %s without a complaint', (family) => {
  const steps = layerOn({ family })
    .containerfile.split('\n')
    .filter((line) => line.startsWith('RUN '));
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: step.slice('RUN '.length), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
});

test('git is told to read the mirror and the workspace, whoever owns them', () => {
  expect(layerOn().files['gitconfig']).toMatch(/\[safe\]\n\tdirectory = \/run\/terok\/mirror\.git\n\tdirectory = \/workspace\n/);
});

test('there is no way to become root in it', () => {
  for (const name of ['sudo', 'doas']) {
    expect(basePackages).not.toContain(name);
    expect(layerOn().containerfile).not.toContain(name);
  }
});

test.each(['deb', 'rpm'] as const)('the Containerfile of a base of the family %s is the one that was looked at', async (family) => {
  await expect(layerOn({ family }).containerfile).toMatchFileSnapshot(`./golden/${family}.Containerfile`);
});

test('nothing of the tools of one family is in the other', () => {
  expect(layerOn({ family: 'rpm' }).containerfile).not.toMatch(/apt|dpkg|DEBIAN/);
  expect(layerOn({ family: 'deb' }).containerfile).not.toMatch(/dnf|yum|rpm/);
});
