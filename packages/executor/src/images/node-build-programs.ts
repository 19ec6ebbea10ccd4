/** Looks for the programs of builds in `/proc`. */
import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { runsInBuild, type BuildProgram, type BuildPrograms } from './build-programs.ts';

const endLooksMax = 100;
const endPauseMs = 50;

export const nodeBuildPrograms: BuildPrograms = {
  async running(folders) {
    if (folders.length === 0) return [];
    const pids = (await readdir('/proc')).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
    const found = await Promise.all(pids.map(async (pid) => ((await isOfBuild(pid, folders)) ? [await programOf(pid)] : [])));
    return found.flat();
  },

  async end(pid, folders) {
    for (let looks = 0; looks < endLooksMax; looks++) {
      if (!(await isOfBuild(pid, folders))) return null;
      const refused = killed(pid);
      if (refused !== null) return refused;
      await setTimeout(endPauseMs);
    }
    return 'it does not end';
  },
};

/** Of a process that is gone, that has ended or that is somebody else's there is nothing to read. */
const isOfBuild = async (pid: number, folders: readonly string[]): Promise<boolean> =>
  runsInBuild(await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''), folders);

async function programOf(pid: number): Promise<BuildProgram> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return { pid, words: line.split('\0').filter((word) => word !== '') };
}

/** Null when it was told to end, or is gone. */
function killed(pid: number): string | null {
  try {
    process.kill(pid, 'SIGKILL');
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ESRCH') return null;
    if (code === 'EPERM') return 'it belongs to another user';
    throw error;
  }
}
