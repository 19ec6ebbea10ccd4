import { expect, test } from 'vitest';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const stored = `/state/images/packages/sha512-${'a'.repeat(64)}.tgz`;
/** Nobody needs the package; on the disk of this world it is older than an hour. */
const withPackage = () => memoryHost({ disk: { ...projectDisk, [stored]: 'x'.repeat(2048) } });

test('an installation without images says so, each verb in its way', async () => {
  const host = await memoryHost();
  expect(await session('image list', host)).toContain('hint: There are no images yet; `terok setup` makes the first one.\n=> 0');
  expect(await session('image usage', host)).toContain('Images 0 B, each layer counted once; stored 0 B.\n');
  expect(await session('image cleanup', host)).toContain('There is nothing to remove.\n=> 0');
});

test('a package that nothing needs is named with its size', async () => {
  expect(await session('image usage', await withPackage())).toMatch(/stored package +nothing that is needed +2 KiB/);
});

test('cleanup shows what would go and why, and removes nothing before a yes', async () => {
  const host = await withPackage();
  const { files } = await host.host();
  for (const typed of ['image cleanup', 'image cleanup --dry-run --yes']) {
    expect(await session(typed, host)).toMatch(
      /remove +package +\/state\/images\/packages\/sha512-a+\.tgz +2 KiB +no agent needs it any more/,
    );
    expect(await files.stat(stored)).not.toBeNull();
  }
  expect(await session('image cleanup', host)).toContain('hint: Nothing was removed: add `--yes`.\n=> 0');
  expect(await session('image cleanup', { ...host, typed: ['n'] })).toContain('Remove this one? [y/N]');
  expect(await files.stat(stored)).not.toBeNull();
  expect(await session('image cleanup --yes', host)).toContain('Removed 1 of 1.\n=> 0');
  expect(await files.stat(stored)).toBeNull();
});

test('while the file of an agent is wrong, no package goes', async () => {
  const host = await memoryHost({ disk: { [stored]: 'x', '/config/agents/mine.yaml': '[' } });
  expect(await session('image cleanup --yes', host)).toMatch(/keep +package .* the file of an agent is wrong/);
  expect(await (await host.host()).files.stat(stored)).not.toBeNull();
});

test('an image of a project takes its base from the project', async () => {
  expect(await session('image build demo --base debian:13', await withPackage())).toMatchInlineSnapshot(`
    "$ terok image build demo --base debian:13
    --- stderr
    error: The base of an image is the project’s to say.
    hint: Set \`image.base\` in its project.yml, or leave the project out and name an agent with \`--agent\`.
    => 2
    "
  `);
});

test('a build is work: it wants a machine that is set up', async () => {
  expect(await session('image build --agent shell', await memoryHost())).toContain('error: terok is not set up on this machine yet.');
});
