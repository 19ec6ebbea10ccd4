/** What the conditions of a host mean for containers that are left alone on it. Pure: each is a line of the test. */
import { sep } from 'node:path';
import type { DoctorFinding } from './doctor-finding.ts';
import type { HostConditions } from './engine-profile/host-conditions.ts';

/** A container's users need as many ids: 0…65535, of which `nobody` is the last but one. */
const idsNeeded = 65_536;
const firstIdHandedOut = 100_000;
const controllersNeeded = ['cpu', 'memory', 'pids'];
/** Clocks are set right by small steps; only a larger one turns times in records around. */
const clockToleranceMs = 60_000;

/** `containersStart`: an engine profile is there, so that this very user has started one. */
export function hostFindings(host: HostConditions, containersStart: boolean): readonly DoctorFinding[] {
  const cgroups = { id: 'cgroups', status: 'ok', finding: `cgroup ${host.cgroups}` } as const;
  // Nothing of what follows concerns a podman that runs as root.
  if (host.uid === 0) return [cgroups];
  return [
    controllerFinding(host) ?? cgroups,
    namespaceFinding(host, containersStart),
    idsFinding('subuid', host.subuid, host),
    idsFinding('subgid', host.subgid, host),
    ...(host.systemd ? [lingerFinding(host)] : []),
  ];
}

function controllerFinding({ cgroups, systemd, delegatedControllers }: HostConditions): DoctorFinding | null {
  if (cgroups === 'v1' || !systemd || delegatedControllers === null) return null;
  const delegated = delegatedControllers.split(/\s+/);
  const missing = controllersNeeded.filter((name) => !delegated.includes(name));
  if (missing.length === 0) return null;
  return {
    id: 'cgroups',
    status: 'warn',
    finding: `cgroup v2, of which this user was not given: ${missing.join(', ')}; such limits are not enforced`,
    fix: "mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' > /etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload",
  };
}

function namespaceFinding(host: HostConditions, containersStart: boolean): DoctorFinding {
  const id = 'user-namespaces-allowed';
  const forbidden = (setting: string, wanted: string): DoctorFinding => ({
    id,
    status: 'error',
    finding: `the kernel allows this user no user namespaces (${setting})`,
    fix: `sysctl -w ${wanted}`,
  });
  if (host.userNamespacesMax?.trim() === '0') return forbidden('user.max_user_namespaces is 0', 'user.max_user_namespaces=28633');
  if (host.unprivilegedClone?.trim() === '0')
    return forbidden('kernel.unprivileged_userns_clone is 0', 'kernel.unprivileged_userns_clone=1');
  // Distributions that restrict them let podman pass by a rule of its own; where containers start, that rule is there.
  if (host.appArmorRestriction?.trim() === '1' && !containersStart)
    return {
      id,
      status: 'warn',
      finding: 'AppArmor restricts user namespaces to programs with a rule of their own, and no container was started here yet',
      fix: 'apt-get install --reinstall podman apparmor',
    };
  return { id, status: 'ok', finding: 'user namespaces are allowed' };
}

function idsFinding(kind: 'subuid' | 'subgid', text: string | null, { user, uid }: HostConditions): DoctorFinding {
  const ranges = idRanges(text ?? '');
  const count = ranges.filter(({ owner }) => owner === user || owner === String(uid)).reduce((sum, range) => sum + range.count, 0);
  if (count >= idsNeeded) return { id: kind, status: 'ok', finding: `${user} has ${count} ids for the users of containers` };
  const first = Math.max(firstIdHandedOut, ...ranges.map((range) => range.first + range.count));
  return {
    id: kind,
    status: 'error',
    finding: `${user} has ${count} ids for the users of containers in /etc/${kind}; ${idsNeeded} are needed`,
    fix: `usermod --add-${kind}s ${first}-${first + idsNeeded - 1} ${user} && podman system migrate`,
  };
}

type IdRange = { readonly owner: string; readonly first: number; readonly count: number };

/** Lines that are no range are passed over, as the programs that read them do. */
function idRanges(text: string): readonly IdRange[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([^:\s]+):(\d{1,10}):(\d{1,10})\s*$/.exec(line);
    return match === null ? [] : [{ owner: match[1] ?? '', first: Number(match[2]), count: Number(match[3]) }];
  });
}

function lingerFinding({ linger, user }: HostConditions): DoctorFinding {
  return linger
    ? { id: 'linger', status: 'ok', finding: `containers of ${user} go on after the last logout` }
    : {
        id: 'linger',
        status: 'warn',
        finding: `containers of ${user} are killed at the last logout`,
        fix: `loginctl enable-linger ${user}`,
      };
}

/** `freeBytes` is null where it could not be measured. */
export type DiskReading = { readonly what: string; readonly path: string; readonly freeBytes: number | null };

export function diskFinding({ what, path, freeBytes }: DiskReading, neededBytes: number, fix: string): DoctorFinding {
  const id = `disk-${what}`;
  if (freeBytes === null) return { id, status: 'warn', finding: `how much room ${path} has cannot be measured` };
  const finding = `${path} has ${gibibytes(freeBytes)} free`;
  if (freeBytes >= neededBytes) return { id, status: 'ok', finding };
  return { id, status: 'error', finding: `${finding}; a task starts with ${gibibytes(neededBytes)} or more (limits.disk_free_min)`, fix };
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** A moment of the past that some record names. */
export type RecordedMoment = { readonly what: string; readonly at: Date };

export function clockFinding(now: Date, recorded: readonly RecordedMoment[]): DoctorFinding {
  const ahead = recorded.filter(({ at }) => at.getTime() > now.getTime() + clockToleranceMs);
  if (ahead.length === 0) return { id: 'clock', status: 'ok', finding: 'no record is of a later time than now' };
  return {
    id: 'clock',
    status: 'warn',
    finding: `it is ${now.toISOString()}, and of a later time are: ${ahead.map(({ what, at }) => `${what} (${at.toISOString()})`).join(', ')}`,
    fix: 'timedatectl set-ntp true',
  };
}

/** The directory and all that are above it, itself first. */
export function upwards(path: string): readonly string[] {
  const names = path.split(sep).filter((name) => name !== '');
  return [...names.map((_, index) => `/${names.slice(0, names.length - index).join('/')}`), '/'];
}
