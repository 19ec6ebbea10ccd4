/** Where everything durable is, which can be worked out in no time. Apart from the rest for those who ask at every key. */
import { isAbsolute, join, normalize, resolve } from 'node:path';
import { sandboxErrors } from './errors.ts';
import type { Environment } from './host.ts';

/** Every place of one installation that outlives a boot, all absolute. */
export type DurablePaths = {
  /** All durable state: `TEROK_ROOT`, else `paths.root` of the configuration, else the system's place for it. */
  readonly stateRoot: string;
  readonly installationId: string;
  readonly setupStamp: string;
  readonly engineProfile: string;
  readonly seccompProfile: string;
  /** Records of projects and their tasks: `core/projects`. */
  readonly coreProjects: string;
  /** Workspaces, homes and logs of tasks. */
  readonly tasks: string;
  readonly mirrors: string;
  readonly images: string;
  readonly archive: string;
  readonly lifecycle: string;
  readonly lifecycleState: string;
  readonly daemonState: string;
  readonly wakeSignal: string;
  readonly digest: string;
  readonly events: string;
  /** What a person writes: `TEROK_CONFIG_DIR`, else the system's place for it. */
  readonly configRoot: string;
  readonly projects: string;
  readonly agents: string;
  readonly systemConfigFile: string;
  readonly userConfigFile: string;
  /** `TEROK_CONFIG_FILE`: when set, the only configuration file that is read. */
  readonly overrideConfigFile: string | null;
};

/** What decides where things are. */
export type Locations = {
  readonly env: Environment;
  /** The effective one. */
  readonly uid: number;
  /** Uid 0 means the system's own places only outside of user namespaces. */
  readonly initialUserNamespace: boolean;
  readonly home: string;
  /** What a relative variable is relative to; without it such a variable is refused. */
  readonly cwd?: string;
  readonly config?: { readonly paths: { readonly root: string | null } };
};

/** Works every place out, and looks at none of them. PATH_NOT_ABSOLUTE when one would not be absolute. The order of what decides is that of the namespace resolvers. */
export function durablePaths(from: Locations): DurablePaths {
  const { root, given, xdg, home } = placesOf(from);
  const configured = absoluteFrom('paths.root', from.config?.paths.root ?? undefined, { home: from.home });

  const stateRoot =
    given('TEROK_ROOT') ?? configured ?? (root ? '/var/lib/terok' : join(xdg('XDG_DATA_HOME') ?? home('.local/share'), 'terok'));
  const configRoot = given('TEROK_CONFIG_DIR') ?? (root ? '/etc/terok' : join(xdg('XDG_CONFIG_HOME') ?? home('.config'), 'terok'));
  const lifecycle = join(stateRoot, 'lifecycle');

  return Object.freeze({
    stateRoot,
    installationId: join(stateRoot, 'installation-id'),
    setupStamp: join(stateRoot, 'setup.stamp'),
    engineProfile: join(stateRoot, 'engine-profile.json'),
    seccompProfile: join(stateRoot, 'seccomp.json'),
    coreProjects: join(stateRoot, 'core/projects'),
    tasks: join(stateRoot, 'tasks'),
    mirrors: join(stateRoot, 'mirrors'),
    images: join(stateRoot, 'images'),
    archive: join(stateRoot, 'archive'),
    lifecycle,
    lifecycleState: join(lifecycle, 'lifecycle_state.json'),
    daemonState: join(lifecycle, '.daemon-state.json'),
    wakeSignal: join(lifecycle, 'wake.signal'),
    digest: join(lifecycle, 'digest.json'),
    events: join(lifecycle, 'events'),
    configRoot,
    projects: join(configRoot, 'projects'),
    agents: join(configRoot, 'agents'),
    systemConfigFile: '/etc/terok/config.yml',
    userConfigFile: join(configRoot, 'config.yml'),
    overrideConfigFile: given('TEROK_CONFIG_FILE'),
  });
}

/** The variables and directories that all places start from. */
export function placesOf(from: Locations): {
  /** Whether the system's own places are meant. */
  readonly root: boolean;
  readonly given: (name: string) => string | null;
  readonly xdg: (name: string) => string | null;
  readonly home: (place: string) => string;
} {
  return {
    root: from.uid === 0 && from.initialUserNamespace,
    given: (name) => absoluteFrom(name, from.env[name], from),
    xdg: (name) => xdgDirectory(from.env[name]),
    home: (place) => join(absoluteHome(from.home), place),
  };
}

/** An empty value counts as unset; `~` and `~/…` mean the home directory; a trailing slash makes no other place. */
function absoluteFrom(
  name: string,
  value: string | undefined,
  { home, cwd }: { readonly home: string; readonly cwd?: string },
): string | null {
  if (value === undefined || value === '') return null;
  const expanded = value === '~' || value.startsWith('~/') ? join(absoluteHome(home), value.slice(1)) : value;
  if (isAbsolute(expanded)) return withoutTrailingSlash(normalize(expanded));
  if (cwd === undefined || expanded.startsWith('~')) throw sandboxErrors.PATH_NOT_ABSOLUTE({ from: name, text: value });
  return resolve(cwd, expanded);
}

function absoluteHome(home: string): string {
  if (!isAbsolute(home)) throw sandboxErrors.PATH_NOT_ABSOLUTE({ from: 'HOME', text: home });
  return home;
}

/** The base directory specification has relative values ignored. */
function xdgDirectory(value: string | undefined): string | null {
  return value !== undefined && isAbsolute(value) ? withoutTrailingSlash(normalize(value)) : null;
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
