/** Programs of builds that exist in memory only. */
import type { BuildProgram, BuildPrograms } from '../images/build-programs.ts';

export function memoryBuildPrograms(...programs: readonly BuildProgram[]): BuildPrograms {
  let running = programs;
  return {
    running: async () => running,
    async end(pid) {
      running = running.filter((program) => program.pid !== pid);
      return null;
    },
  };
}
