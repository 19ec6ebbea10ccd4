/** podman and git behind a door that counts who goes through, and can end whoever started them, at any count. */
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** `before` the program starts, `beside` it while it works, `after` it has ended. */
export const moments = ['before', 'beside', 'after'] as const;
export type Moment = (typeof moments)[number];

export type WatchedPrograms = {
  /** The PATH on which they are found before the real ones. */
  readonly path: string;
  /** The command lines since the last call of this, in order, each with the program's name first. */
  readonly started: () => Promise<readonly (readonly string[])[]>;
  /** From the next command line on, whoever starts the `count`-th is killed; null is nobody. */
  readonly killAt: (kill: { readonly count: number; readonly moment: Moment } | null) => Promise<void>;
  readonly remove: () => Promise<void>;
};

const names = ['podman', 'git'] as const;

/** Words end in NUL, so that a line break in one of them is none of ours; a command line ends in an empty word that no real one has. */
const script = (directory: string) => `#!/bin/sh
set -u
name=\${0##*/}
PATH=\${PATH#*:}
printf '%s\\0' "$name" "$@" '\u001e' >>'${directory}/started'
count=$(tr -dc '\u001e' <'${directory}/started' | wc -c)
case "$(cat '${directory}/kill')" in
  "before $count") kill -KILL $PPID; exit 137 ;;
  "beside $count") kill -KILL $PPID; exec "$name" "$@" ;;
  "after $count") "$name" "$@"; code=$?; kill -KILL $PPID; exit $code ;;
  *) exec "$name" "$@" ;;
esac
`;

export async function watchedPrograms(directory: string): Promise<WatchedPrograms> {
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  const record = join(directory, 'started');
  const clear = () => writeFile(record, '');
  const killAt: WatchedPrograms['killAt'] = async (kill) => {
    await clear();
    await writeFile(join(directory, 'kill'), kill === null ? '' : `${kill.moment} ${kill.count}`);
  };
  await killAt(null);
  await writeFile(join(programs, 'watch'), script(directory));
  await chmod(join(programs, 'watch'), 0o755);
  for (const name of names) await symlink('watch', join(programs, name));
  return {
    path: [programs, process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    async started() {
      const lines = (await readFile(record, 'utf8')).split('\0\u001e\0').filter((line) => line !== '');
      await clear();
      return lines.map((line) => line.split('\0'));
    },
    killAt,
    remove: () => rm(directory, { recursive: true }),
  };
}
