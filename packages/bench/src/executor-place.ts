/** An installation and a storage of podman that are the bench's own, and all gone afterwards. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { executorContext, setupEngine } from '@terok/executor';
import { hostContext, type SandboxContext } from '@terok/sandbox';

export type BenchPlace = {
  /** The folder that all of it is in. */
  readonly place: string;
  /** The variables that name its parts. */
  readonly places: Readonly<Record<string, string>>;
  readonly sandbox: SandboxContext;
  readonly ctx: Awaited<ReturnType<typeof setupEngine>>;
  /** Takes everything away; throws when a container was left by then. */
  readonly remove: () => Promise<void>;
};

/** Beside the code and not in /tmp, which may be memory: containers start faster there than anywhere else. */
export async function benchPlace(tell: (text: string) => void): Promise<BenchPlace> {
  const place = await mkdtemp(join(import.meta.dirname, '../.bench-'));
  const clear = () => clearPlace(place);
  process.once('exit', clear);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const config = join(place, 'config/config.yml');
  await mkdir(join(place, 'config'), { mode: 0o700 });
  await writeFile(config, `podman:\n  storage_root: ${place}/storage\n  run_root: ${place}/run\n`);
  const places = { TEROK_ROOT: join(place, 'state'), TEROK_CONFIG_DIR: join(place, 'config'), TEROK_CONFIG_FILE: config };
  const env = { ...process.env, ...places };
  const sandbox = await hostContext({ env });
  await sandbox.files.ensureDirectory(sandbox.paths.stateRoot);
  const ctx = await setupEngine(await executorContext(sandbox, { env }), { onProgress: ({ text }) => tell(text) });
  return {
    place,
    places,
    sandbox,
    ctx,
    remove: async () => {
      const left = (await ctx.podman.run(['ps', '--all', '--format={{.Names}}'])).trim();
      process.off('exit', clear);
      clear();
      if (left !== '') throw new Error(`the bench left containers behind:\n${left}`);
    },
  };
}

/** Also when the bench is interrupted, and then there is no time to wait. */
function clearPlace(place: string): void {
  const podman = (...args: readonly string[]) =>
    spawnSync('podman', [`--root=${place}/storage`, `--runroot=${place}/run`, ...args], { stdio: 'ignore' });
  podman('rm', '--all', '--force', '--time=0');
  podman('image', 'rm', '--all', '--force');
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? []);
  for (const point of mounted.filter((path) => path.startsWith(`${place}/`)).toReversed())
    spawnSync('umount', [point], { stdio: 'ignore' });
  // Without root, files of containers belong to users that only exist inside of podman's user namespace.
  if (process.getuid?.() !== 0) spawnSync('podman', ['unshare', 'rm', '-rf', '--', place], { stdio: 'ignore' });
  rmSync(place, { recursive: true, force: true });
}
