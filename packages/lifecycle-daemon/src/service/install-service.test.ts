import { resolvePaths } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { installPlan, installService, isServiceInstalled, uninstallPlan, uninstallService, type RunProgram } from './install-service.ts';
import { daemonUnits, unitNames } from './units.ts';

const unitDirectory = '/home/user/.config/systemd/user';
const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
const settings = { paths, command: ['/usr/bin/node', '/opt/terok/bin.js', 'daemon', 'run'] as const, environment: { PATH: '/usr/bin' } };
const { service, socket, path } = unitNames(paths);

const installCommands = [
  'systemctl --user daemon-reload',
  `systemctl --user stop ${service}`,
  `systemctl --user enable ${socket} ${path}`,
  `systemctl --user restart ${socket} ${path}`,
  'loginctl enable-linger',
];
const uninstallCommands = [
  `systemctl --user disable --now ${socket} ${path}`,
  `systemctl --user stop ${service}`,
  'systemctl --user daemon-reload',
];

/** A systemctl that does as it is told, but for the commands in `failing`. */
function host({
  files = memoryFiles(),
  failing = {},
}: { files?: ReturnType<typeof memoryFiles>; failing?: Readonly<Record<string, number | null>> } = {}) {
  const asked: string[] = [];
  const run: RunProgram = async (argv) => {
    const line = argv.join(' ');
    asked.push(line);
    return line in failing ? { exitCode: failing[line] ?? null, stderr: 'Failed to connect to bus\n' } : { exitCode: 0, stderr: '' };
  };
  return { files, asked, ctx: { files, run, unitDirectory } };
}

const unitsOn = ({ files }: { readonly files: ReturnType<typeof memoryFiles> }) =>
  files.paths().filter((each) => each.startsWith(unitDirectory));

describe('installing', () => {
  test('writes the units, lets systemd read them, enables what wakes the daemon, and has it outlive the last logout', async () => {
    const machine = host();
    expect(await installService(machine.ctx, settings)).toEqual({ warnings: [] });
    expect(machine.asked).toEqual(installCommands);
    for (const { name, text } of daemonUnits(settings)) expect(machine.files.text(`${unitDirectory}/${name}`)).toBe(text);
    expect(await isServiceInstalled(machine.ctx, paths)).toBe(true);
  });

  test('lets nobody else read what is in the environment, such as the password of a proxy', async () => {
    const machine = host();
    await installService(machine.ctx, { ...settings, environment: { HTTPS_PROXY: 'http://me:secret@proxy:3128' } });
    for (const { name } of daemonUnits(settings)) expect((await machine.files.stat(`${unitDirectory}/${name}`))?.mode).toBe(0o600);
  });

  test('does what the plan says', () => {
    const plan = installPlan(daemonUnits(settings), unitNames(paths), unitDirectory);
    expect(plan.flatMap((act) => (act.kind === 'run' ? [act.argv.join(' ')] : []))).toEqual(installCommands);
    expect(plan.flatMap((act) => (act.kind === 'write' ? [act.path] : []))).toHaveLength(3);
  });

  test('again changes nothing but what is different', async () => {
    const machine = host();
    await installService(machine.ctx, settings);
    await installService(machine.ctx, { ...settings, environment: { PATH: '/opt/bin' } });
    expect(unitsOn(machine)).toHaveLength(3);
    expect(machine.files.text(`${unitDirectory}/${service}`)).toContain('PATH=/opt/bin');
  });

  test('goes on without linger, and says so', async () => {
    const machine = host({ failing: { 'loginctl enable-linger': 1 } });
    const { warnings } = await installService(machine.ctx, settings);
    expect(warnings).toEqual(['`loginctl enable-linger` ended with 1: Failed to connect to bus.']);
  });

  test('where no systemd is, or none of the user runs, says how it works without', async () => {
    for (const [exitCode, code] of [
      [null, 'SYSTEMD_MISSING'],
      [1, 'SYSTEMD_REFUSED'],
    ] as const) {
      const { ctx } = host({ failing: { 'systemctl --user daemon-reload': exitCode } });
      await expect(installService(ctx, settings)).rejects.toMatchObject({
        code,
        hint: expect.stringContaining('terok daemon start') as string,
      });
    }
  });

  test('cut short anywhere, is done by the next time', async () => {
    const uncut = host();
    await installService(uncut.ctx, settings);
    for (let cutAt = 0; cutAt < uncut.files.steps(); cutAt++) {
      const machine = host({ files: memoryFiles({}, { cutAt }) });
      await expect(installService(machine.ctx, settings)).rejects.toThrow(PowerCut);
      const again = host({ files: reboot(machine.files) });
      await installService(again.ctx, settings);
      expect(again.asked).toEqual(installCommands);
      for (const { name, text } of daemonUnits(settings)) expect(again.files.text(`${unitDirectory}/${name}`)).toBe(text);
    }
  });
});

describe('uninstalling', () => {
  test('takes all of it away, and leaves linger to whoever else counts on it', async () => {
    const machine = host();
    await installService(machine.ctx, settings);
    machine.asked.length = 0;
    expect(await uninstallService(machine.ctx, paths)).toBe(true);
    expect(machine.asked).toEqual(uninstallCommands);
    expect(unitsOn(machine)).toEqual([]);
  });

  test('where nothing is installed asks nobody anything', async () => {
    const machine = host();
    expect(await uninstallService(machine.ctx, paths)).toBe(false);
    expect(machine.asked).toEqual([]);
  });

  test('leaves the units of another installation alone', async () => {
    const machine = host();
    const other = resolvePaths({ env: { TEROK_ROOT: '/other' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
    await installService(machine.ctx, settings);
    await installService(machine.ctx, { ...settings, paths: other });
    await uninstallService(machine.ctx, paths);
    expect(unitsOn(machine).map((each) => each.slice(unitDirectory.length + 1))).toEqual(Object.values(unitNames(other)).toSorted());
  });

  test('cut short anywhere, is done by the next time, which asks systemd only for units that are there', async () => {
    const installed = host();
    await installService(installed.ctx, settings);
    const whole = memoryFiles(installed.files);
    await uninstallService(host({ files: whole }).ctx, paths);
    for (let cutAt = 0; cutAt < whole.steps(); cutAt++) {
      const machine = host({ files: memoryFiles(installed.files, { cutAt }) });
      await expect(uninstallService(machine.ctx, paths)).rejects.toThrow(PowerCut);
      const again = host({ files: reboot(machine.files) });
      const there = unitsOn(again);
      await uninstallService(again.ctx, paths);
      expect(unitsOn(again)).toEqual([]);
      const disabled = again.asked.filter((line) => / disable | stop /.test(line)).flatMap((line) => line.split(' ').slice(3));
      for (const unit of disabled.filter((word) => word !== '--now')) expect(there).toContain(`${unitDirectory}/${unit}`);
    }
  });

  test('that systemd refuses leaves the units where they are, for the next time', async () => {
    const machine = host();
    await installService(machine.ctx, settings);
    const refusing = host({ files: machine.files, failing: { [uninstallCommands[0] ?? '']: 1 } });
    await expect(uninstallService(refusing.ctx, paths)).rejects.toMatchObject({ code: 'SYSTEMD_REFUSED' });
    expect(unitsOn(machine)).toHaveLength(3);
  });

  test('does what the plan says', () => {
    const plan = uninstallPlan(unitNames(paths), unitDirectory, [service, socket, path]);
    expect(plan.flatMap((act) => (act.kind === 'run' ? [act.argv.join(' ')] : []))).toEqual(uninstallCommands);
  });
});
