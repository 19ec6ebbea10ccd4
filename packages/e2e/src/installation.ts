/** One installation of terok for tests: its own state and configuration, a storage of podman that is the tests' own, and nothing of the person's. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const cli = fileURLToPath(new URL('../../cli/dist/bin.js', import.meta.url));

/** How a command ended, as a person at the shell sees it. */
export type Session = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };
export type Input = {
  readonly input?: string;
  readonly cwd?: string;
  /** Instead of the caller's PATH. */
  readonly path?: string;
  /** Beside what every program needs. */
  readonly environment?: Readonly<Record<string, string>>;
};

export type Installation = {
  readonly directory: string;
  readonly stateRoot: string;
  readonly configRoot: string;
  /** Runs a command to its end, whatever that is. */
  readonly terok: (args: readonly string[], options?: Input) => Promise<Session>;
  /** Runs a command that has to work, and answers what it prints. */
  readonly answer: (args: readonly string[], options?: Input) => Promise<string>;
  /** Starts a command that a test wants to disturb. */
  readonly start: (args: readonly string[], options?: Input) => ReturnType<typeof startCli>;
  /** podman on the tests' storage. Rejects when it fails. */
  readonly podman: (args: readonly string[]) => Promise<string>;
};

export type Storage = { readonly root: string; readonly runRoot: string };

export function storageIn(place: string): Storage {
  return { root: join(place, 'storage'), runRoot: join(place, 'run') };
}

export function podmanArgs({ root, runRoot }: Storage): readonly string[] {
  return [`--root=${root}`, `--runroot=${runRoot}`];
}

/** An installation in `directory`, which may be there already. */
export async function openInstallation(directory: string, storage: Storage): Promise<Installation> {
  const stateRoot = join(directory, 'state');
  const configRoot = join(directory, 'config');
  const configFile = join(configRoot, 'config.yml');
  await mkdir(configRoot, { recursive: true, mode: 0o700 });
  await writeFile(configFile, `podman:\n  storage_root: ${storage.root}\n  run_root: ${storage.runRoot}\nimage:\n  base: bootstrap\n`);

  const env = { ...plainEnvironment(), TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: configFile };
  const start: Installation['start'] = (args, options) => startCli(args, { cwd: directory, ...options, env });
  const terok: Installation['terok'] = async (args, options) => {
    const { stdout, stderr, exitCode, signal } = await start(args, options);
    if (exitCode === undefined) throw new Error(`terok ${args.join(' ')} was ended by ${signal}:\n${stderr}`);
    return { stdout, stderr, exitCode };
  };
  return {
    directory,
    stateRoot,
    configRoot,
    start,
    terok,
    answer: async (args, options) => {
      const { stdout, stderr, exitCode } = await terok(args, options);
      if (exitCode !== 0) throw new Error(`terok ${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
      return stdout;
    },
    podman: async (args) =>
      (await execa('podman', [...podmanArgs(storage), ...args], { env: plainEnvironment(), extendEnv: false })).stdout,
  };
}

function startCli(
  args: readonly string[],
  { input = '', path, environment = {}, env, ...options }: Input & { readonly env: Record<string, string> },
) {
  return execa(process.execPath, [cli, ...args], {
    ...options,
    env: { ...env, ...(path === undefined ? {} : { PATH: path }), ...environment },
    input,
    extendEnv: false,
    reject: false,
  });
}

/** What every program needs, and nothing that would lead it to the person's own installation. */
function plainEnvironment(): Record<string, string> {
  const kept =
    /^(?:PATH|HOME|USER|LANG|LC_\w+|TMPDIR|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|\w+_proxy|\w+_PROXY|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS)$/;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && kept.test(entry[0])),
  );
}
