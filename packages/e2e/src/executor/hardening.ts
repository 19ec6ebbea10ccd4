/** The walls around a running task, looked at from both sides: what podman says of its container, and what a program in it can do. */
import { lstat, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { EngineProfile } from '@terok/executor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import type { Installation } from '../installation.ts';

/** Whose task it is: the person's at whose host we are, or another user's. */
export type Owner = Pick<Installation, 'stateRoot' | 'answer' | 'podman'> & {
  /** A repository of this user's. */
  readonly repository: string;
  /** Gives back what making this owner took. */
  readonly remove: () => Promise<void>;
  /** The ids that files of the task's user have on the host. */
  readonly filesBelongTo: (profile: EngineProfile) => { readonly uid: number; readonly gid: number };
};

const projectId = 'walls';
/** A variable of the host that must not come through, although podman hands it on by itself unless told not to. */
export const hostVariable = { name: 'http_proxy', value: 'http://canary.invalid:1' } as const;

type Inspected = {
  readonly State: { readonly Pid: number };
  readonly EffectiveCaps: readonly string[] | null;
  readonly BoundingCaps: readonly string[] | null;
  readonly Mounts: readonly { readonly Type: string; readonly Source: string; readonly Destination: string; readonly RW: boolean }[];
  readonly Config: {
    readonly User: string;
    readonly Umask: string;
    readonly StopTimeout: number;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly CapAdd: readonly string[];
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly SecurityOpt: readonly string[];
    readonly NetworkMode: string;
    readonly PidMode: string;
    readonly UTSMode: string;
    readonly UsernsMode: string;
    readonly Devices: readonly unknown[];
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number;
    readonly OomKillDisable: boolean;
    readonly Init: boolean;
    readonly RestartPolicy: { readonly Name: string };
    readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
    readonly Tmpfs: Readonly<Record<string, string>>;
    readonly LogConfig: { readonly Type: string; readonly Size: string };
  };
};

/** Registers the tests; `open` is asked once. */
export function hardeningTests(open: () => Promise<Owner>): void {
  let owner: Owner;
  let profile: EngineProfile;
  let container: string;
  let taskId: string;
  let inspected: Inspected;

  /** Runs a script in the container, as the agent could. */
  const inside = (script: string, ...args: readonly string[]) =>
    owner.podman(['exec', '--', container, '/bin/bash', '-c', script, 'bash', ...args]);
  const linesInside = async (script: string, ...args: readonly string[]) =>
    (await inside(script, ...args)).split('\n').filter((line) => line !== '');

  beforeAll(async () => {
    owner = await open();
    profile = JSON.parse(await readFile(join(owner.stateRoot, 'engine-profile.json'), 'utf8')) as EngineProfile;
    await owner.answer(['project', 'add', projectId, owner.repository]);
    taskId = (await owner.answer(['task', 'run', projectId, '--detach', '--prompt', 'echo made >made; sleep infinity'])).trim();
    container = `${projectId}-run-${taskId}`;
    inspected = (JSON.parse(await owner.podman(['container', 'inspect', '--', container])) as readonly [Inspected])[0];
    await eventually(async () => ((await linesInside('ls')).includes('made') ? true : undefined));
  });

  afterAll(async () => {
    await owner.answer(['task', 'delete', projectId, taskId, '--yes']);
    await owner.answer(['project', 'remove', projectId, '--yes']);
    await owner.remove();
  });

  test('podman says of the container of a task what the description said', () => {
    const { limits } = profile;
    const { Config: config, HostConfig: host } = inspected;
    expect({
      user: config.User,
      capabilities: [inspected.EffectiveCaps ?? [], inspected.BoundingCaps ?? [], host.CapAdd],
      privileged: host.Privileged,
      readOnlyRoot: host.ReadonlyRootfs,
      security: host.SecurityOpt.toSorted(),
      modes: { network: host.NetworkMode, pid: host.PidMode, uts: host.UTSMode, user: host.UsernsMode },
      devices: host.Devices,
      memory: [host.Memory, host.MemorySwap],
      nanoCpus: host.NanoCpus,
      pids: host.PidsLimit,
      oomKillDisable: host.OomKillDisable,
      init: host.Init,
      restart: host.RestartPolicy.Name,
      tmpfs: Object.keys(host.Tmpfs).toSorted(),
      log: [host.LogConfig.Type, host.LogConfig.Size],
      umask: config.Umask,
      stopTimeout: config.StopTimeout,
    }).toEqual({
      user: '1000:1000',
      capabilities: [[], [], []],
      privileged: false,
      readOnlyRoot: true,
      security: ['no-new-privileges', `seccomp=${join(owner.stateRoot, 'seccomp.json')}`],
      modes: { network: 'none', pid: 'private', uts: 'private', user: 'private' },
      devices: [],
      memory: limits.memory ? [4 * 1024 ** 3, 4 * 1024 ** 3] : [0, 0],
      nanoCpus: limits.cpus ? 2_000_000_000 : 0,
      pids: limits.pids ? 4096 : 0,
      oomKillDisable: false,
      init: profile.init,
      restart: 'no',
      tmpfs: ['/dev/shm', '/run', '/tmp', '/var/tmp'],
      log: ['k8s-file', '64MB'],
      umask: '0022',
      stopTimeout: 10,
    });
  });

  test('it dumps no core, and its other limits are those that were found to work', () => {
    const limits = inspected.HostConfig.Ulimits.map(({ Name, Soft, Hard }) => `${Name} ${Soft} ${Hard}`);
    const found = profile.ulimits.map(({ name, soft, hard }) => `RLIMIT_${name.toUpperCase()} ${soft} ${hard}`);
    expect(limits).toEqual(expect.arrayContaining(['RLIMIT_CORE 0 0', ...found]));
  });

  test('its labels say whose it is', async () => {
    const installationId = (await readFile(join(owner.stateRoot, 'installation-id'), 'utf8')).trim();
    const labels = inspected.Config.Labels;
    expect(['root', 'project', 'task', 'mode'].map((label) => labels[`ai.terok.${label}`])).toEqual([
      installationId,
      projectId,
      taskId,
      'run',
    ]);
    expect(labels['ai.terok.launch']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('of the host it is given the folders of its task and its project’s mirror, and not the repository', async () => {
    const task = join(owner.stateRoot, 'tasks', projectId, taskId);
    const mounts = inspected.Mounts.map(({ Type, Source, Destination, RW }) => `${Type} ${Source} on ${Destination}, ${RW ? 'rw' : 'ro'}`);
    expect(mounts.toSorted()).toEqual(
      [
        `bind ${task}/workspace on /workspace, rw`,
        `bind ${task}/home on /home/dev, rw`,
        `bind ${task}/agent-config on /home/dev/.terok, rw`,
        `bind ${owner.stateRoot}/mirrors/${projectId}.git on /run/terok/mirror.git, ro`,
      ].toSorted(),
    );
    expect(await inside('cat /proc/self/mountinfo')).not.toContain(owner.repository);
  });

  test('no process in it has a capability, may gain one, or runs without the filter', async () => {
    const script = `for status in /proc/[0-9]*/status; do
      grep -E '^(Uid|Gid|Cap|NoNewPrivs|Seccomp:)' "$status" | tr -s '[:space:]' ' ' && echo
    done`;
    const facts = [...new Set((await linesInside(script)).map((line) => line.trim()))];
    const none = '0000000000000000';
    expect(facts).toEqual([
      'Uid: 1000 1000 1000 1000 Gid: 1000 1000 1000 1000 ' +
        `CapInh: ${none} CapPrm: ${none} CapEff: ${none} CapBnd: ${none} CapAmb: ${none} NoNewPrivs: 1 Seccomp: 2`,
    ]);
  });

  test('the system calls that lead out of it are refused', async () => {
    const words = Object.entries(systemCalls).map(([name, { numbers, args }]) => [name, numberOn(numbers), ...args].join(','));
    const program =
      'for (@ARGV) { my ($name, $number, @args) = split /,/; $_ += 0 for @args; ' +
      'print "$name ", (syscall($number + 0, @args) == -1 ? $! + 0 : "allowed"), "\\n" }';
    const answers = await owner.podman(['exec', '--', container, '/usr/bin/perl', '-e', program, ...words]);
    const filter = JSON.parse(await readFile(join(owner.stateRoot, 'seccomp.json'), 'utf8')) as { readonly defaultErrnoRet?: number };
    const refusals = Object.entries(systemCalls).map(
      ([name, { errno }]) => `${name} ${errno === 'default' ? (filter.defaultErrnoRet ?? notPermitted) : errno}`,
    );
    expect(answers.split('\n')).toEqual(refusals);
  });

  test('programs for what is refused get nowhere', async () => {
    const tried = ['unshare --user true', 'unshare --mount true', 'mount -t tmpfs none /tmp', 'umount /tmp', 'chroot / true', 'su -c true'];
    const answers = await linesInside(
      'for words; do if $words </dev/null >/dev/null 2>&1; then echo "$words worked"; fi; done; echo end',
      ...tried,
    );
    expect(answers).toEqual(['end']);
    expect(await linesInside('command -v sudo doas pkexec || true')).toEqual([]);
  });

  test('only the workspace, the home and memory can be written to', async () => {
    const script = `find / -path /proc -prune -o -type d -writable -print 2>/dev/null | while read -r path; do
      parent=$(dirname "$path"); [ -w "$parent" ] || echo "$path"
    done; true`;
    expect((await linesInside(script)).toSorted()).toEqual(['/dev/mqueue', '/dev/shm', '/home/dev', '/tmp', '/var/tmp', '/workspace']);
    const onDisk = 'for path in /tmp /var/tmp /dev/shm /run; do stat --file-system --format=%T "$path"; done';
    expect(await linesInside(onDisk)).toEqual(['tmpfs', 'tmpfs', 'tmpfs', 'tmpfs']);
    expect(
      await linesInside(
        'for path in / /usr /etc /run /sys /proc/sys/kernel /run/terok/mirror.git; do touch "$path/x" 2>/dev/null && echo "$path"; done; true',
      ),
    ).toEqual([]);
  });

  test('it has no device of the host’s, and no network but its own loop', async () => {
    expect(await linesInside('find /dev -type b')).toEqual([]);
    expect(await linesInside('cd /dev; ls -d *')).toEqual(expect.arrayContaining(['full', 'null', 'random', 'urandom', 'zero']));
    expect(await linesInside('cd /dev; ls -d kmsg mem kvm fuse net sda vda 2>/dev/null; true')).toEqual([]);
    expect(await linesInside('ls /sys/class/net')).toEqual(['lo']);
    expect(await linesInside("tail -n +2 /proc/net/route; grep -v ' lo$' /proc/net/ipv6_route; true")).toEqual([]);
  });

  test('it shares no namespace with the host', async () => {
    const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
    const own = await linesInside('for kind; do readlink "/proc/self/ns/$kind"; done', ...kinds);
    const hosts = await Promise.all(kinds.map((kind) => readlink(`/proc/self/ns/${kind}`)));
    expect(own).toHaveLength(kinds.length);
    expect(own.filter((namespace) => hosts.includes(namespace))).toEqual([]);
  });

  test('nothing of the host’s environment is in it', async () => {
    const names = await linesInside(`cat /proc/[0-9]*/environ | tr '\\0' '\\n' | sed -n 's/=.*//p' | sort -u`);
    expect(names).toEqual(expect.arrayContaining(['HOME', 'PATH', 'TASK_ID', 'PROJECT_ID', 'REPO_ROOT', 'TEROK_BRANCH']));
    const ours = /^(?:TEROK_[A-Z_]+|TASK_ID|PROJECT_ID|REPO_ROOT|GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL))$/;
    const ofImageAndShell = /^(?:HOME|HOSTNAME|LANG|LC_ALL|PATH|TERM|USER|container|_|PWD|OLDPWD|SHLVL)$/;
    expect(names.filter((name) => !ours.test(name) && !ofImageAndShell.test(name))).toEqual([]);
    expect(await inside('cat /proc/[0-9]*/environ | tr "\\0" "\\n"')).not.toContain(hostVariable.value);
  });

  test('files made in it belong to the one id that is nobody’s or the caller’s, and the caller can take them away', async () => {
    const made = join(owner.stateRoot, 'tasks', projectId, taskId, 'workspace/made');
    const { uid, gid } = await lstat(made);
    expect({ uid, gid }).toEqual(owner.filesBelongTo(profile));
    expect(await readFile(made, 'utf8')).toBe('made\n');
    await rm(made);
    expect(await linesInside('ls')).not.toContain('made');
  });

  test('its processes are on the host what its mapping says', async () => {
    const { uid } = owner.filesBelongTo(profile);
    const status = await readFile(`/proc/${inspected.State.Pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).toBe(String(uid));
  });
}

const notPermitted = 1;
const notImplemented = 38;
const newUserNamespace = 0x10000000;
const childSignal = 17;

type SystemCall = {
  readonly numbers: { readonly x64: number; readonly arm64: number };
  readonly errno: number | 'default';
  readonly args: readonly number[];
};

/** What is refused for its arguments gets the engine's usual answer (`default`); the rest gets one of ours. The arguments are such that nothing but a filter would give that answer to most of them. */
const systemCalls: Readonly<Record<string, SystemCall>> = {
  unshare: { numbers: { x64: 272, arm64: 97 }, errno: notPermitted, args: [newUserNamespace] },
  clone: { numbers: { x64: 56, arm64: 220 }, errno: 'default', args: [newUserNamespace + childSignal, 0, 0, 0, 0] },
  clone3: { numbers: { x64: 435, arm64: 435 }, errno: notImplemented, args: [0, 0] },
  setns: { numbers: { x64: 308, arm64: 268 }, errno: notPermitted, args: [-1, 0] },
  mount: { numbers: { x64: 165, arm64: 40 }, errno: notPermitted, args: [0, 0, 0, 0, 0] },
  umount2: { numbers: { x64: 166, arm64: 39 }, errno: notPermitted, args: [0, 0] },
  pivot_root: { numbers: { x64: 155, arm64: 41 }, errno: notPermitted, args: [0, 0] },
  open_tree: { numbers: { x64: 428, arm64: 428 }, errno: notPermitted, args: [-1, 0, 0] },
  move_mount: { numbers: { x64: 429, arm64: 429 }, errno: notPermitted, args: [-1, 0, -1, 0, 0] },
  fsopen: { numbers: { x64: 430, arm64: 430 }, errno: notPermitted, args: [0, 0] },
  fsmount: { numbers: { x64: 432, arm64: 432 }, errno: notPermitted, args: [-1, 0, 0] },
  mount_setattr: { numbers: { x64: 442, arm64: 442 }, errno: notPermitted, args: [-1, 0, 0, 0, 0] },
  ptrace: { numbers: { x64: 101, arm64: 117 }, errno: notPermitted, args: [0, 0, 0, 0] },
  process_vm_readv: { numbers: { x64: 310, arm64: 270 }, errno: notPermitted, args: [0, 0, 0, 0, 0, 0] },
  kcmp: { numbers: { x64: 312, arm64: 272 }, errno: notPermitted, args: [0, 0, 0, 0, 0] },
  add_key: { numbers: { x64: 248, arm64: 217 }, errno: notPermitted, args: [0, 0, 0, 0, 0] },
  keyctl: { numbers: { x64: 250, arm64: 219 }, errno: notPermitted, args: [0, 0, 0, 0, 0] },
  bpf: { numbers: { x64: 321, arm64: 280 }, errno: notPermitted, args: [0, 0, 0] },
  perf_event_open: { numbers: { x64: 298, arm64: 241 }, errno: notPermitted, args: [0, 0, 0, 0, 0] },
  userfaultfd: { numbers: { x64: 323, arm64: 282 }, errno: notPermitted, args: [1] },
};

/** As `asm/unistd.h` of the architecture has it. */
function numberOn(numbers: SystemCall['numbers']): number {
  if (process.arch === 'x64' || process.arch === 'arm64') return numbers[process.arch];
  throw new Error(`the numbers of system calls on ${process.arch} are not in the table`);
}
