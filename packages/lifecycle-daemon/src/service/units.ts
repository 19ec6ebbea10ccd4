/**
 * The systemd user units of one installation, as text. The socket and the path unit are enabled, and start the service when somebody
 * connects or leaves `wake.signal`; the service itself is not, and ends when nothing is left to do.
 */
import { basename } from 'node:path';
import { exitStatus, type Paths } from '@terok/sandbox';
import { daemonSocketPath } from '../socket/address.ts';
import { lifecycleErrors } from '../errors.ts';

export type ServiceSettings = {
  readonly paths: Pick<Paths, 'runtime' | 'wakeSignal' | 'stateRoot'>;
  /** The words that run the daemon in the foreground; the first one is an absolute path. */
  readonly command: readonly [string, ...string[]];
  /** What it is to find in its environment, `PATH` for podman and git included; nothing else of the caller's gets there. */
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * What no other start can mend: settings that cannot be read, a machine that is not set up or was by a newer release, and what a person has to
 * end or to change first, such as another daemon that runs.
 */
const beyondRestart = [exitStatus.usage, exitStatus.setupNeeded, exitStatus.downgradeRefused, exitStatus.manualStep];

export type UnitNames = { readonly service: string; readonly socket: string; readonly path: string };
export type Unit = { readonly name: string; readonly text: string };

/** Two installations of one user have two daemons: the name holds what tells their state roots apart. */
export function unitNames({ runtime }: Pick<Paths, 'runtime'>): UnitNames {
  const stem = `terok-daemon-${basename(runtime)}`;
  return { service: `${stem}.service`, socket: `${stem}.socket`, path: `${stem}.path` };
}

/** Throws UNIT_TEXT_UNSAFE for a path, a word or a value that no unit file can hold. */
export function daemonUnits({ paths, command, environment }: ServiceSettings): readonly Unit[] {
  const names = unitNames(paths);
  const of = `of ${value(paths.stateRoot)}`;
  return [
    {
      name: names.service,
      text: unitText({
        Unit: {
          Description: `terok lifecycle daemon ${of}`,
          StartLimitIntervalSec: '60',
          StartLimitBurst: '5',
        },
        Service: {
          Type: 'exec',
          ExecStart: command.map(word).join(' '),
          Environment: Object.entries(environment).map(([name, text]) => quoted(`${name}=${text}`)),
          UMask: '0077',
          Restart: 'on-failure',
          RestartSec: '5',
          RestartPreventExitStatus: beyondRestart.join(' '),
          TimeoutStopSec: '30',
          KillMode: 'mixed',
        },
      }),
    },
    {
      name: names.socket,
      text: unitText({
        Unit: { Description: `Socket of the terok lifecycle daemon ${of}` },
        Socket: { ListenStream: value(daemonSocketPath(paths)), SocketMode: '0600', DirectoryMode: '0700', RemoveOnStop: 'yes' },
        Install: { WantedBy: 'sockets.target' },
      }),
    },
    {
      name: names.path,
      text: unitText({
        Unit: { Description: `Wakes the terok lifecycle daemon ${of}` },
        Path: { PathExists: value(paths.wakeSignal), Unit: names.service },
        Install: { WantedBy: 'paths.target' },
      }),
    },
  ];
}

type Section = Readonly<Record<string, string | readonly string[]>>;

function unitText(sections: Readonly<Record<string, Section>>): string {
  const lines = ([name, section]: readonly [string, Section]) => [
    `[${name}]`,
    ...Object.entries(section).flatMap(([key, set]) => (typeof set === 'string' ? [set] : set).map((text) => `${key}=${text}`)),
  ];
  return `# Written by \`terok daemon install\`, removed by \`terok daemon uninstall\`.\n${Object.entries(sections)
    .map((section) => `${lines(section).join('\n')}\n`)
    .join('\n')}`;
}

/** A word of a command line: `$` would name a variable. */
function word(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'));
}

/** One word, whatever blanks, quotes and backslashes are in it. */
function quoted(text: string): string {
  return `"${printableText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A whole value: blanks at its edges would be lost, and a backslash at its end would take the next line along. */
function value(text: string): string {
  if (text.endsWith('\\') || text !== text.trim()) throw lifecycleErrors.UNIT_TEXT_UNSAFE({ text });
  return printableText(text);
}

/** `%` begins a specifier everywhere, and a line ends at its newline. */
function printableText(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) throw lifecycleErrors.UNIT_TEXT_UNSAFE({ text });
  return text.replaceAll('%', '%%');
}
