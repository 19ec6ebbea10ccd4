/** podman and git behind a door that counts who goes through, and can end whoever started them, at any count. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
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
};

const names = ['podman', 'git'] as const;

/**
 * The folder that it is started from says whose count it goes by. Words end in NUL, so that a line break in one of them is none of ours; a command line
 * ends in an empty word that no real one has.
 */
const script = `#!/bin/sh
set -u
name=\${0##*/}
place=\${0%/*}
PATH=\${PATH#*:}
printf '%s\\0' "$name" "$@" '\u001e' >>"$place/started"
count=$(tr -dc '\u001e' <"$place/started" | wc -c)
case "$(cat "$place/kill")" in
  "before $count") kill -KILL $PPID; exit 137 ;;
  "beside $count") kill -KILL $PPID; exec "$name" "$@" ;;
  "after $count") "$name" "$@"; code=$?; kill -KILL $PPID; exit $code ;;
  *) exec "$name" "$@" ;;
esac
`;

/** One door per name, to be gone through at the same time; behind all of them is the same file, so that terok takes them for one podman. */
export async function watchedPrograms(directory: string, doors: readonly string[]): Promise<readonly WatchedPrograms[]> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'watch');
  await writeFile(file, script);
  await chmod(file, 0o755);
  return Promise.all(doors.map((door) => openDoor(join(directory, door), file)));
}

async function openDoor(place: string, file: string): Promise<WatchedPrograms> {
  await mkdir(place);
  const record = join(place, 'started');
  const clear = () => writeFile(record, '');
  const killAt: WatchedPrograms['killAt'] = async (kill) => {
    await clear();
    await writeFile(join(place, 'kill'), kill === null ? '' : `${kill.moment} ${kill.count}`);
  };
  await killAt(null);
  for (const name of names) await symlink(file, join(place, name));
  return {
    path: [place, process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    async started() {
      const lines = (await readFile(record, 'utf8')).split('\0\u001e\0').filter((line) => line !== '');
      await clear();
      return lines.map((line) => line.split('\0'));
    },
    killAt,
  };
}
