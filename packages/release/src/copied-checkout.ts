/** Every file of ours, committed or not, with the dependencies that the lock file names: nothing that pnpm does here reaches the checkout. */
import { cp, mkdir } from 'node:fs/promises';
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
  await steps.run({ title: 'Installing dependencies', command: 'pnpm', args: ['install', '--frozen-lockfile', '--prefer-offline'] });

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
