/** Puts the units where the user's systemd finds them, and takes them away. Each is a list of acts that can be shown before it is done. */
import { join } from 'node:path';
import { TerokError, type Files } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import { daemonUnits, unitNames, type ServiceSettings, type Unit, type UnitNames } from './units.ts';

/** Runs a program to its end; an exit code of null: there is no such program. */
export type RunProgram = (argv: readonly [string, ...string[]]) => Promise<{ readonly exitCode: number | null; readonly stderr: string }>;

export type ServiceContext = {
  readonly files: Files;
  readonly run: RunProgram;
  /** Where the user's systemd looks: `~/.config/systemd/user`. */
  readonly unitDirectory: string;
};

export type ServiceAct =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** What is `optional` is told when it fails, and ends nothing. */
  | { readonly kind: 'run'; readonly argv: readonly [string, ...string[]]; readonly optional: boolean };

/** Pure. The same units again are no change; a daemon that runs from older ones is ended, and comes back from these. */
export function installPlan(units: readonly Unit[], names: UnitNames, unitDirectory: string): readonly ServiceAct[] {
  return [
    ...units.map(({ name, text }): ServiceAct => ({ kind: 'write', path: join(unitDirectory, name), text })),
    systemctl('daemon-reload'),
    systemctl('stop', names.service),
    systemctl('enable', names.socket, names.path),
    systemctl('restart', names.socket, names.path),
    // Without it the user's systemd, and the daemon with it, ends at the last logout.
    { kind: 'run', argv: ['loginctl', 'enable-linger'], optional: true },
  ];
}

/**
 * Pure. Of the units that are there: systemd refuses to disable what an earlier try has taken away already. What wakes the daemon goes before
 * it does. Linger stays: others may count on it.
 */
export function uninstallPlan(names: UnitNames, unitDirectory: string, there: readonly string[]): readonly ServiceAct[] {
  const waking = [names.socket, names.path].filter((name) => there.includes(name));
  return [
    ...(waking.length > 0 ? [systemctl('disable', '--now', ...waking)] : []),
    ...(there.includes(names.service) ? [systemctl('stop', names.service)] : []),
    ...there.map((name): ServiceAct => ({ kind: 'remove', path: join(unitDirectory, name) })),
    systemctl('daemon-reload'),
  ];
}

const systemctl = (...words: readonly string[]): ServiceAct => ({ kind: 'run', argv: ['systemctl', '--user', ...words], optional: false });

/** Warnings are of what did not work and did not have to. Throws SYSTEMD_MISSING, SYSTEMD_REFUSED; done again, it goes on where it stopped. */
export async function installService(ctx: ServiceContext, settings: ServiceSettings): Promise<{ readonly warnings: readonly string[] }> {
  return applied(ctx, installPlan(daemonUnits(settings), unitNames(settings.paths), ctx.unitDirectory));
}

/** False: nothing was installed. */
export async function uninstallService(ctx: ServiceContext, paths: ServiceSettings['paths']): Promise<boolean> {
  const there = await unitsThere(ctx, paths);
  if (there.length === 0) return false;
  await applied(ctx, uninstallPlan(unitNames(paths), ctx.unitDirectory, there));
  return true;
}

/** Whether any of the units is there. */
export async function isServiceInstalled(
  ctx: Pick<ServiceContext, 'files' | 'unitDirectory'>,
  paths: ServiceSettings['paths'],
): Promise<boolean> {
  return (await unitsThere(ctx, paths)).length > 0;
}

async function unitsThere(
  { files, unitDirectory }: Pick<ServiceContext, 'files' | 'unitDirectory'>,
  paths: ServiceSettings['paths'],
): Promise<readonly string[]> {
  const names = Object.values(unitNames(paths));
  const found = await Promise.all(names.map((name) => files.stat(join(unitDirectory, name))));
  return names.filter((_, at) => found[at] !== null);
}

async function applied(ctx: ServiceContext, acts: readonly ServiceAct[]): Promise<{ readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  for (const act of acts) {
    try {
      await apply(ctx, act);
    } catch (error) {
      if (!(act.kind === 'run' && act.optional && error instanceof TerokError)) throw error;
      warnings.push(error.message);
    }
  }
  return { warnings };
}

async function apply({ files, run }: ServiceContext, act: ServiceAct): Promise<void> {
  switch (act.kind) {
    case 'write':
      // For nobody else: the address of a proxy in its environment may hold a password.
      await files.replace(act.path, act.text, { mode: 0o600 });
      return;
    case 'remove':
      await files.remove(act.path);
      return;
    case 'run': {
      const { exitCode, stderr } = await run(act.argv);
      const [program] = act.argv;
      if (exitCode === null) throw lifecycleErrors.SYSTEMD_MISSING({ program });
      if (exitCode !== 0) throw lifecycleErrors.SYSTEMD_REFUSED({ command: act.argv.join(' '), exitCode, said: stderr });
    }
  }
}
