import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { homeArchive } from './archive-home.ts';

const home = '/state/tasks/demo/k3v8h/home';
const secret = 'hunter2-hunter2';

async function archived(files: ReturnType<typeof memoryFiles>): Promise<string | null> {
  const archive = await homeArchive(files, home, [secret]);
  if (archive === null) return null;
  return (await Array.fromAsync(archive, (bytes) => Buffer.from(bytes).toString('latin1'))).join('');
}
const disk = (entries: Readonly<Record<string, string | Uint8Array>>) =>
  memoryFiles(Object.fromEntries(Object.entries(entries).map(([path, content]) => [`${home}/${path}`, content])));

test('sessions are kept with their paths; secrets and tokens are taken out', async () => {
  const tar = await archived(
    disk({
      '.claude/projects/-workspace/one.jsonl': `{"text":"kept-session ${secret}"}\n{"key":"ghp_${'a'.repeat(36)}"}\n`,
      '.bash_history': 'kept-history\n',
    }),
  );
  expect(tar).toContain('.claude/projects/-workspace/one.jsonl');
  expect(tar).toContain('kept-session <redacted>');
  expect(tar).toContain('kept-history');
  expect(tar).not.toMatch(/hunter2|ghp_aaaa/);
});

test('credentials, caches, what is no text, and what is too large stay behind', async () => {
  const left = [
    '.claude/.credentials.json',
    '.codex/auth.json',
    '.netrc',
    'server.pem',
    '.ssh/config',
    'id_ed25519',
    '.cache/x/y',
    'a/node_modules/b.js',
  ];
  const files = disk({
    ...Object.fromEntries(left.map((path) => [path, 'left-behind'])),
    'picture.png': Buffer.from([0x89, 0x50, 0xff]),
    'huge.jsonl': 'left-behind'.repeat(300_000),
    'odd\u001b[31mname': 'left-behind',
    'author.txt': 'kept-author',
    'keyboard.json': 'kept-keyboard',
  });
  files.link('/etc/passwd', `${home}/passwd`);
  files.link('/etc', `${home}/folder`);
  const tar = await archived(files);
  expect(tar).toMatch(/kept-author[^]*kept-keyboard/);
  expect(tar).not.toMatch(/left-behind|passwd|picture|folder/);
});

test.each([
  ['empty', disk({ '.cache/x': 'x' })],
  ['not there', memoryFiles()],
  [
    'a link',
    (() => {
      const files = memoryFiles({ '/etc/x': 'x' });
      files.link('/etc', home);
      return files;
    })(),
  ],
])('a home that is %s leaves nothing', async (_, files) => {
  expect(await archived(files)).toBeNull();
});

test('folders without end and files without number have a limit', async () => {
  const deep = `${'d/'.repeat(100)}file`;
  const many = Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`many/${index}`, 'x']));
  const tar = (await archived(disk({ [deep]: 'left-behind', ...many }))) ?? '';
  expect(tar).not.toContain('left-behind');
  expect(tar.match(/many\/\d+/g)?.length).toBe(5000);
});
