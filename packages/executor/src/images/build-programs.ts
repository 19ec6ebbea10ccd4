/** Programs of `RUN` lines. They go on by themselves when the podman that built is killed: nobody is left to end them. */
import { basename } from 'node:path';

export type BuildProgram = { readonly pid: number; /** Its command line. */ readonly words: readonly string[] };

export interface BuildPrograms {
  /** Those in the containers of the builds that have these temporary folders. */
  running(folders: readonly string[]): Promise<readonly BuildProgram[]>;
  /** Ends one of those, and nothing that has its number by now. What keeps it, as a sentence part; null when it is gone. */
  end(pid: number, folders: readonly string[]): Promise<string | null>;
}

/** What podman puts into the container of a build, from the folder of the build: seen from a host, nothing is mounted there from such a place. */
const mountedByBuilds = new Set(['/etc/hosts', '/etc/resolv.conf', '/run/.containerenv']);

/**
 * Whether a process sees what only the container of one of these builds has, by its `/proc/<pid>/mountinfo`: each line has the path that is mounted, from
 * the root of its file system, as the fourth field, and where it is mounted as the fifth. The folders have random names, and so are known by these.
 */
export function runsInBuild(mountInfo: string, folders: readonly string[]): boolean {
  const names = new Set(folders.map((folder) => basename(folder)));
  return mountInfo.split('\n').some((line) => {
    const [, , , source = '', target = ''] = line.split(' ');
    return mountedByBuilds.has(target) && source.split('/').some((part) => names.has(part));
  });
}
