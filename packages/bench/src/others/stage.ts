/** What all tools are given alike: one image, one storage of podman, the same small repository each, and a home that nobody has lived in. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { Start } from '../command.ts';
import type { BenchPlace } from '../executor-place.ts';
import type { Programs } from './programs.ts';

export type Stage = Pick<BenchPlace, 'place' | 'ctx'> & {
  readonly programs: Programs;
  /** The one that terok's tasks of the `shell` agent run in. */
  readonly image: string;
  /** podman as terok starts it on this host, for tools that would start it otherwise. */
  readonly podman: string;
  /** Where `podman` is that one. Certificates to load would cost more than some of what is measured. */
  readonly env: Start['env'];
  /** Another one with the same content, for a tool that leaves its mark in it. */
  readonly repository: (name: string) => Promise<string>;
  /** Removes the containers that a filter of `podman ps` finds. */
  readonly removeContainers: (filter: string) => Promise<void>;
};

export async function openStage({ place, ctx }: Pick<BenchPlace, 'place' | 'ctx'>, programs: Programs, image: string): Promise<Stage> {
  const [bin, home, tmp] = [join(place, 'bin'), join(place, 'home'), join(place, 'tmp')];
  for (const directory of [bin, home, tmp]) await mkdir(directory);
  const podman = join(bin, 'podman');
  await writeFile(podman, podmanScript(ctx));
  await chmod(podman, 0o755);
  const env = { PATH: [bin, process.env['PATH'] ?? '/usr/bin'].join(delimiter), HOME: home, TMPDIR: tmp, TERM: 'xterm' };
  return {
    place,
    ctx,
    programs,
    image,
    podman,
    env,
    repository: (name) => demoRepository(programs, env, join(place, 'repositories', name)),
    async removeContainers(filter) {
      const ids = (await ctx.podman.run(['ps', '--all', '--quiet', `--filter=${filter}`])).split('\n').filter((id) => id !== '');
      if (ids.length > 0) await ctx.podman.run(['rm', '--force', '--time=0', '--', ...ids]);
    },
  };
}

/**
 * podman with the storage, the runtime and the cgroup manager that terok found to work here before every verb, and its ulimits after those
 * that start something. The shell costs each call about a millisecond.
 */
function podmanScript({ podman, engine }: BenchPlace['ctx']): string {
  const [binary = '', ...globals] = podman.commandLine([]);
  const found = spawnSync('sh', ['-c', 'command -v -- "$0"', binary], { encoding: 'utf8' }).stdout.trim();
  const words = [found, ...globals].map(quoted).join(' ');
  const ulimits = engine.profile.ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`).join(' ');
  return `#!/bin/sh
case "$1" in
build | create | run)
  verb=$1
  shift
  exec ${words} "$verb" ${ulimits} "$@"
  ;;
esac
exec ${words} "$@"
`;
}

export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

async function demoRepository({ run }: Programs, env: Start['env'], path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'README.md'), '# Demo\n');
  const git = (...words: readonly string[]) =>
    run({ words: ['git', '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...words], env, cwd: path });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '--message=first');
  return path;
}
