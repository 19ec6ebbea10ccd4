/** Every file of ours, committed or not, and the dependencies by link: the links between packages then lead to the copies. */
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Steps } from '@terok/quickstart/steps';

export async function copyCheckout(steps: Steps, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  await mkdir(to);
  const listed = await steps.read({
    title: 'Listing the checkout',
    command: 'git',
    args: ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    cwd: from,
  });
  for (const path of listed.split('\0').filter((each) => each !== '')) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(from, path), join(to, path), { verbatimSymlinks: true }).catch(unlessAbsent);
  }
  await symlink(join(from, 'node_modules'), join(to, 'node_modules'));
  for (const name of await readdir(join(from, 'packages'))) {
    await cp(join(from, 'packages', name, 'node_modules'), join(to, 'packages', name, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    }).catch(unlessAbsent);
  }

  const git = (...args: readonly string[]) =>
    steps.run({ title: `git ${args[0]}`, command: 'git', args: ['-c', 'user.name=terok', '-c', 'user.email=terok@localhost', ...args] });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message=What would be released');
}

/** A file that was removed and not yet committed is in git's list and not on the disk. */
function unlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
