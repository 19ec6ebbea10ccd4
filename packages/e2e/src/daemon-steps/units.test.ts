/** The units of the lifecycle daemon in the hands of systemd's own tools: read without a complaint, and a daemon that a connection starts. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { daemonUnits } from '@terok/lifecycle-daemon';
import { resolvePaths } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import { libraryContext } from '../orchestration/library.ts';
import type { Installation } from '../installation.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));

/** What `systemd-analyze verify` says of the units of an installation, and how it ends. */
async function verified(root: string, program: string): Promise<{ readonly said: string; readonly exitCode: number | undefined }> {
  const directory = await mkdtemp(join(tmpdir(), 'terok-units-'));
  try {
    const paths = resolvePaths({ env: { TEROK_ROOT: root }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
    const command = [program, cli, 'daemon', 'run', root] as const;
    const units = daemonUnits({ paths, command, environment: { PATH: '/usr/bin:/bin', TEROK_ROOT: root } });
    for (const { name, text } of units) await writeFile(join(directory, name), text);
    const files = units.map(({ name }) => join(directory, name));
    const env = { PATH: process.env['PATH'] ?? '', HOME: directory, XDG_RUNTIME_DIR: directory };
    const { all, exitCode } = await execa('systemd-analyze', ['verify', '--user', '--man=no', ...files], {
      all: true,
      reject: false,
      env,
      extendEnv: false,
    });
    return { said: all, exitCode };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test.each(['/srv/terok', '/srv/a b/50% "of" $HOME'])('systemd has nothing to say against the units of %s', async (root) => {
  expect(await verified(root, process.execPath)).toEqual({ said: '', exitCode: 0 });
});

test('systemd would say so, if there were something', async () => {
  expect(await verified('/srv/terok', '/nonexistent/node')).toMatchObject({
    said: expect.stringContaining('not executable') as string,
    exitCode: 1,
  });
});

/** The exit codes after which systemd leaves the service as it is. */
function endsThatStay(): readonly number[] {
  const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  const texts = daemonUnits({ paths, command: [process.execPath], environment: {} }).map(({ text }) => text);
  const codes = /^RestartPreventExitStatus=(.*)$/m.exec(texts.join('\n'))?.[1] ?? '';
  return codes.split(' ').map(Number);
}

test.each<[why: string, prepare: (installation: Installation) => Promise<unknown>, code: number, said: string]>([
  ['the machine is not set up', async () => undefined, 3, 'terok setup'],
  ['the settings cannot be read', ({ configRoot }) => writeFile(join(configRoot, 'config.yml'), 'lifecycle: [\n'), 2, 'config.yml'],
])(
  'where %s a daemon ends as systemd is told not to mend by another start, and whoever waits at its socket hears why',
  async (_, prepare, code, said) => {
    const installation = await otherInstallation('no-start');
    await prepare(installation);
    const mark = join(installation.stateRoot, 'lifecycle', 'wake.signal');
    await mkdir(dirname(mark), { recursive: true, mode: 0o700 });
    await writeFile(mark, '');
    expect(endsThatStay()).toContain(code);
    const alone = await installation.terok(['daemon', 'run']);
    expect([alone.exitCode, alone.stderr]).toEqual([code, expect.stringContaining(said)]);

    const shared = await sharedInstallation();
    const { ctx } = await libraryContext(shared);
    const socket = join(ctx.paths.runtime, 'daemon.sock');
    await mkdir(ctx.paths.runtime, { recursive: true, mode: 0o700 });
    await rm(socket, { force: true });
    // The daemon of the one installation at the socket of the other, of which the settings are good and the client can run.
    const activator = activated(installation, socket);
    try {
      await eventually(async () => ((await stat(socket).catch(() => null))?.isSocket() === true ? true : undefined));
      const asked = await shared.terok(['daemon', 'status']);
      expect([asked.exitCode, asked.stderr]).toEqual([1, expect.stringContaining(said)]);
      expect((await activator).exitCode).toBe(code);
      // systemd would start it for the mark, for as long as that is there.
      expect(await stat(mark).catch(() => null)).toBeNull();
    } finally {
      activator.kill('SIGKILL');
      await rm(socket, { force: true });
    }
  },
);

/** What a connection to the socket starts: the daemon of an installation. */
function activated({ stateRoot, configRoot }: Installation, socket: string) {
  const kept = ['PATH', 'HOME', 'XDG_RUNTIME_DIR'].flatMap((name) => (process.env[name] === undefined ? [] : [`--setenv=${name}`]));
  const environment = [
    `--setenv=TEROK_ROOT=${stateRoot}`,
    `--setenv=TEROK_CONFIG_DIR=${configRoot}`,
    `--setenv=TEROK_CONFIG_FILE=${join(configRoot, 'config.yml')}`,
  ];
  const words = [`--listen=${socket}`, ...kept, ...environment, process.execPath, cli, 'daemon', 'run'];
  return execa('systemd-socket-activate', words, { reject: false, all: true });
}

test('a daemon that a connection starts serves it, ends when it is told to, and the next connection starts another', async () => {
  const installation = await sharedInstallation();
  const { ctx } = await libraryContext(installation);
  const socket = join(ctx.paths.runtime, 'daemon.sock');
  await mkdir(ctx.paths.runtime, { recursive: true, mode: 0o700 });
  await rm(socket, { force: true });
  /** A host under load may take longer to start it than a client waits for one answer. */
  const status = () =>
    eventually(async () => {
      const { stdout } = await installation.terok(['daemon', 'status', '--json']);
      return stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>);
    });

  for (let round = 0; round < 2; round++) {
    const activator = activated(installation, socket);
    try {
      await eventually(async () => ((await stat(socket).catch(() => null))?.isSocket() === true ? true : undefined));
      expect(await status()).toMatchObject({ running: true, state: 'WAKE', resident: false, pid: activator.pid });
      await installation.answer(['daemon', 'stop']);
      const { exitCode, all } = await activator;
      expect(exitCode, all).toBe(0);
      // It belongs to who made it: whoever connects from here on starts the next one.
      expect((await stat(socket)).isSocket()).toBe(true);
    } finally {
      activator.kill('SIGKILL');
      await rm(socket, { force: true });
    }
  }
});
