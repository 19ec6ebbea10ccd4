import { expect, test } from 'vitest';
import { projectLayer } from './project-layer.ts';

const base = { reference: 'localhost/l1:1', contentHash: 'l1' };
const file = { name: '/p/Snippet', text: 'RUN one\nRUN two' };
const inline = { name: 'image.snippet', text: 'USER root' };

test('the Containerfile is the one that was looked at', async () => {
  await expect(projectLayer(base, [file, inline]).containerfile).toMatchFileSnapshot('./golden/project.Containerfile');
});

test('whatever user a snippet leaves, tasks run as ours in the workspace', () => {
  const lines = projectLayer(base, [inline]).containerfile.trimEnd().split('\n');
  expect(lines.slice(-2)).toEqual(['USER 1000:1000', 'WORKDIR /workspace']);
});

test('each line knows whose it is', () => {
  const { containerfile, sources } = projectLayer(base, [file, inline]);
  const lines = containerfile.split('\n');
  expect(sources.map(({ name, firstLine, lastLine }) => [name, lines.slice(firstLine - 1, lastLine)])).toEqual([
    ['/p/Snippet', ['RUN one', 'RUN two']],
    ['image.snippet', ['USER root']],
  ]);
});

test('another base or snippet is another image, and the name of a snippet is not part of it', () => {
  const hashes = [
    projectLayer(base, [file]),
    projectLayer(base, [inline]),
    projectLayer(base, [file, inline]),
    projectLayer({ ...base, contentHash: 'other' }, [file]),
  ].map(({ contentHash }) => contentHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(projectLayer(base, [{ ...file, name: 'elsewhere' }]).contentHash).toBe(hashes[0]);
});
