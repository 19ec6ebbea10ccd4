/** A user of the tests' own, without any right, who runs terok beside the one who runs the tests. Only root can make one. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { OtherUser } from './engine.ts';
import type { Owner } from './hardening.ts';
import { newRepository } from './repository.ts';

const cliPackage = fileURLToPath(new URL('../../../cli', import.meta.url));
const namePrefix = 'terok-e2e-';

export type UnprivilegedUser = Owner & OtherUser & { readonly configRoot: string };

/** With a home, an installation of terok that is set up, and a repository. `baseArchives` saves making the base image again. */
export async function unprivilegedUser(options: {
  readonly baseArchives: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<UnprivilegedUser> {
  await removeForgottenUsers();
  const name = `${namePrefix}${process.pid}`;
  const place = await mkdtemp(join(tmpdir(), `${name}-`));
  await chmod(place, 0o755);
  const home = join(place, 'home');
  await execa('useradd', ['--create-home', `--home-dir=${home}`, '--shell=/bin/bash', '--comment=terok end-to-end tests', '--', name]);
  const uid = Number((await execa('id', ['--user', '--', name])).stdout);
  const user: User = { name, uid, place };
  try {
    return await installed(user, home, options);
  } catch (error) {
    await removeUser(user);
    throw error;
  }
}

type User = { readonly name: string; readonly uid: number; readonly place: string };

async function installed(
  user: User,
  home: string,
  { baseArchives, env: extra }: Parameters<typeof unprivilegedUser>[0],
): Promise<UnprivilegedUser> {
  const stateRoot = join(home, 'state');
  const configRoot = join(home, 'config');
  const storage = [`--root=${join(home, 'storage')}`, `--runroot=${join(home, 'run')}`];
  const env = {
    ...extra,
    HOME: home,
    USER: user.name,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    XDG_RUNTIME_DIR: join(home, 'runtime'),
    TEROK_ROOT: stateRoot,
    TEROK_CONFIG_DIR: configRoot,
  };
  const before = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.uid}`, '--init-groups', '--'] as const;
  const asUser = async (words: readonly string[]) => {
    const [binary, ...rest] = before;
    return (await execa(binary, [...rest, ...words], { env, extendEnv: false, cwd: home })).stdout;
  };

  // The checkout and its Node may be where only root can read.
  const node = join(user.place, 'node');
  await cp(process.execPath, node);
  for (const part of ['package.json', 'dist/bin.js', 'dist/chunks'])
    await cp(join(cliPackage, part), join(user.place, 'terok', part), { recursive: true });
  await execa('chmod', ['-R', 'a+rX', join(user.place, 'terok')]);

  for (const directory of [env.XDG_RUNTIME_DIR, configRoot, stateRoot]) await mkdir(directory, { mode: 0o700 });
  await writeFile(
    join(configRoot, 'config.yml'),
    `podman:\n  storage_root: ${home}/storage\n  run_root: ${home}/run\nimage:\n  base: bootstrap\n`,
  );
  // Left to itself, podman may choose to copy every layer for every container, which takes minutes.
  await mkdir(join(home, '.config/containers'), { recursive: true });
  await writeFile(join(home, '.config/containers/storage.conf'), '[storage]\ndriver = "overlay"\n');
  await mkdir(join(stateRoot, 'images'), { mode: 0o700 });
  for (const name of (await readdir(baseArchives)).filter((each) => each.endsWith('.tar')))
    await cp(join(baseArchives, name), join(stateRoot, 'images', name));
  const { path: repository } = await newRepository(home);
  await execa('chown', ['-R', `${user.uid}:${user.uid}`, home]);

  const answer = (args: readonly string[]) => asUser([node, join(user.place, 'terok/dist/bin.js'), ...args]);
  await answer(['setup']);
  return {
    stateRoot,
    configRoot,
    words: before,
    env,
    repository,
    answer,
    podman: (args) => asUser(['podman', ...storage, ...args]),
    filesBelongTo: () => ({ uid: user.uid, gid: user.uid }),
    remove: async () => {
      const left = await asUser(['podman', ...storage, 'ps', '--all', '--format={{.Names}} ({{.Status}})']);
      await removeUser(user);
      if (left !== '') throw new Error(`The user's tests left containers behind:\n${left}`);
    },
  };
}

/** Those of runs that were cut short: the name says whose they were. */
async function removeForgottenUsers(): Promise<void> {
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [name = '', , uid, , , home = ''] = line.split(':');
    const pid = name.startsWith(namePrefix) ? name.slice(namePrefix.length) : '';
    if (/^\d+$/.test(pid) && !(await readdir('/proc')).includes(pid)) await removeUser({ name, uid: Number(uid), place: dirname(home) });
  }
}

/** podman keeps a process that holds the user's namespaces, and with them every mount; it goes with the rest. */
async function removeUser({ name, uid, place }: User): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (new RegExp(`^Uid:\t${uid}\t`, 'm').test(status)) killIfThere(Number(pid));
  }
  await execa('userdel', ['--force', '--', name]);
  await rm(place, { recursive: true, force: true });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
