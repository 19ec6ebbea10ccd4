/** Reads the host: a few stats and small files, no program. */
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { release, userInfo } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '@terok/sandbox';
import type { HostConditions } from './host-conditions.ts';
import type { HostReadings } from './host-facts.ts';

const runtimeNames = ['crun', 'runc'] as const;
/** Where podman itself looks for runtimes, besides PATH. */
const systemBins = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/sbin', '/bin'];

export function readHost({ env, podmanBinary }: { readonly env: Environment; readonly podmanBinary: string }): HostReadings {
  const path = [...(env['PATH'] ?? '').split(delimiter), ...systemBins].filter(isAbsolute);
  const found = (name: string) => (isAbsolute(name) ? [name] : path.map((directory) => join(directory, name))).find(isExecutable);
  const limits = readLimits();
  const uid = process.getuid?.() ?? -1;
  const podman = found(podmanBinary);
  const programs = ['podman', ...runtimeNames].map((name) => [name, name === 'podman' ? podman : found(name)] as const);

  return {
    uid,
    architecture: hostArchitecture,
    nofileHard: limits.nofile,
    nprocHard: limits.nproc,
    runtimes: runtimeNames.filter((name) => found(name) !== undefined),
    systemd: isDirectory('/run/systemd/system'),
    facts: {
      kernel: release(),
      user: String(uid),
      cgroups: cgroupVersion(),
      'open files, hard limit': String(limits.nofile ?? 'unlimited'),
      'processes, hard limit': String(limits.nproc ?? 'unlimited'),
      ...Object.fromEntries(programs.flatMap(([name, file]) => (file === undefined ? [] : [[name, identityOf(file)]]))),
    },
  };
}

/** What the doctor looks at besides; `root` stands before every path. */
export async function readHostConditions(root = '/'): Promise<HostConditions> {
  const uid = process.geteuid?.() ?? -1;
  const user = userName(uid);
  const text = (path: string) => readHostText(join(root, path));
  return {
    uid,
    user,
    subuid: await text('etc/subuid'),
    subgid: await text('etc/subgid'),
    userNamespacesMax: await text('proc/sys/user/max_user_namespaces'),
    unprivilegedClone: await text('proc/sys/kernel/unprivileged_userns_clone'),
    appArmorRestriction: await text('proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    systemd: isDirectory(join(root, 'run/systemd/system')),
    linger: isFile(join(root, 'var/lib/systemd/linger', user)),
    cgroups: cgroupVersion(root),
    delegatedControllers: await text(`sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/cgroup.controllers`),
  };
}

/** A user that no database knows has a number all the same. */
function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

const cgroupVersion = (root = '/'): 'v1' | 'v2' => (isFile(join(root, 'sys/fs/cgroup/cgroup.controllers')) ? 'v2' : 'v1');

/** The file behind the links, with its size and time: a package upgrade changes one of them. */
function identityOf(file: string): string {
  const target = realpathSync(file);
  const { size, mtime } = statSync(target);
  return `${target} (${size} bytes, ${mtime.toISOString()})`;
}

/** Hard limits of this process; null is unlimited. */
function readLimits(): { nofile: number | null; nproc: number | null } {
  const text = readOrEmpty('/proc/self/limits');
  const hard = (label: string) => {
    const word = text
      .split('\n')
      .find((line) => line.startsWith(label))
      ?.slice(label.length)
      .trim()
      .split(/\s+/)[1];
    return word === undefined || word === 'unlimited' ? null : Number(word);
  };
  return { nofile: hard('Max open files'), nproc: hard('Max processes') };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** A file of the host's system, links followed; null when it cannot be read. */
export async function readHostText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/** Bytes that this user may still write to the file system of the path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** As Node names it: `x64`, `arm64`. */
export const hostArchitecture: string = process.arch;
