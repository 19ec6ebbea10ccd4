import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshDisk, memoryWorld, projectFile } from '../testing/memory-world.ts';
import { neededImages, projectImageNow } from './project-image.ts';
import { loadProject } from './projects.ts';

/** Every image that is asked for is there in this world. */
async function worldWith(disk: Readonly<Record<string, string>>) {
  const files = freshDisk();
  for (const [path, text] of Object.entries(disk)) await files.replace(path, text);
  return memoryWorld({ files });
}

const layersOf = (references: readonly string[]) => references.map((reference) => /\/(bootstrap|l\d):/.exec(reference)?.[1] ?? 'base');

async function imageFor(disk: Readonly<Record<string, string>>, agent = 'shell') {
  const { ctx } = await worldWith(disk);
  const found = await projectImageNow(ctx, await loadProject(ctx, 'demo'), agent);
  if (found === null) throw new Error('the base is there');
  return found;
}

test('without a snippet tasks run in the image of their agents', async () => {
  expect(layersOf((await imageFor({})).references)).toEqual(['base', 'l0', 'l1']);
});

test('with a snippet they run in a layer over it: another for each snippet, the same for the same', async () => {
  const inline = (text: string) => ({ [projectFile]: `repository: /r\nimage:\n  snippet: ${JSON.stringify(text)}\n` });
  const found = await imageFor(inline('RUN one'));
  expect(layersOf(found.references)).toEqual(['base', 'l0', 'l1', 'l2']);
  expect((await imageFor(inline('RUN one'))).reference).toBe(found.reference);
  expect((await imageFor(inline('RUN two'))).reference).not.toBe(found.reference);
  expect((await imageFor(inline('# nothing yet'))).references).toHaveLength(3);
});

test('a file of snippets is found beside project.yml, and goes before the lines in it', async () => {
  const both = await imageFor({
    [projectFile]: 'repository: /r\nimage: { snippet: RUN two, snippet_file: Snippet }\n',
    [join(projectFile, '../Snippet')]: 'RUN one\n',
  });
  const inline = await imageFor({ [projectFile]: 'repository: /r\nimage:\n  snippet: |\n    RUN one\n    RUN two\n' });
  expect(both.reference).toBe(inline.reference);
});

test('a file that is not there is named', async () => {
  await expect(imageFor({ [projectFile]: 'repository: /r\nimage: { snippet_file: Snippet }\n' })).rejects.toMatchObject({
    code: 'PROJECT_SNIPPET_MISSING',
    message: expect.stringContaining('/config/projects/demo/Snippet') as string,
  });
});

test('what would be launched now is needed: by whom, and whose needs cannot be read', async () => {
  const { ctx } = await worldWith({
    [projectFile]: 'repository: /r\nimage: { snippet: RUN one }\nrun: { agent: codex }\n',
    '/config/projects/broken/project.yml': 'repositry: /r\n',
    '/config/projects/gone/project.yml': 'repository: /r\nrun: { agent: gone }\n',
  });
  const { users, unclear } = await neededImages(ctx);
  expect(unclear).toEqual(['broken', 'gone']);
  const demo = await loadProject(ctx, 'demo');
  expect(users.get((await projectImageNow(ctx, demo, 'codex'))?.reference ?? '')).toEqual(['demo']);
  const shell = await projectImageNow(ctx, { ...demo, snippet: { text: null, file: null } }, 'shell');
  expect(users.get(shell?.reference ?? '')).toEqual(['terok', 'demo']);
});
