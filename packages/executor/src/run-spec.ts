/** One container as data, and the `podman create` line that makes it. Pure: what is checked here is all that reaches podman. */
import { executorErrors } from './errors.ts';
import { parsePodmanArgs, podmanArgWords, shmSizeOf } from './podman-args.ts';
import { ulimitArgs, type EngineProfile, type UserMapping } from './engine-profile/engine-profile.ts';

export type Mount = { readonly source: string; readonly target: string; readonly access: 'read' | 'write' };

/** A wall that is lower than the default, by the name under which status shows it. */
export type Relaxation = 'network: open' | 'writable-root' | 'secrets' | 'no-user-namespace' | 'engine-seccomp';

export type RunSpec = {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The program and its arguments; the image's own entry point never runs. */
  readonly command: readonly [string, ...string[]];
  /** Plain settings; secrets do not belong here, they would show in the process list. */
  readonly environment: Readonly<Record<string, string>>;
  /** A file of the host with one `NAME=value` per line, read by the engine: how secrets travel. */
  readonly secretsFile?: string;
  readonly mounts: readonly Mount[];
  readonly network: 'none' | 'open';
  readonly rootFilesystem: 'read_only' | 'writable';
  /** `memory` and `cpus` as podman writes them (`4g`, `1.5`); null is no limit. */
  readonly limits: { readonly memory: string | null; readonly cpus: string | null; readonly pids: number };
  /** The engine ends the container after that many seconds, whatever lives or has died on the host. */
  readonly timeoutSeconds: number | null;
  readonly stopGraceSeconds: number;
  /** The engine's own log of the container is cut at this size (`64m`). */
  readonly logMaxSize: string;
  /** As a person wrote them; only those on the list are taken, and none is handed on as it is. */
  readonly podmanArgs?: readonly string[];
};

export const containerUser = { uid: 1000, gid: 1000, name: 'dev', home: '/home/dev' } as const;

/** Flags in the order: what it is, its walls, its limits, its inside. Every one is spelled out: podman's defaults are the user's to change, our walls are not. */
export function createArgs(spec: RunSpec, engine: EngineProfile): readonly string[] {
  checkRunSpec(spec);
  const [program, ...args] = spec.command;
  const added = parsePodmanArgs(spec.podmanArgs ?? [], spec.network);
  return [
    'create',
    `--name=${spec.name}`,
    `--hostname=${hostnameOf(spec.name)}`,
    ...Object.entries(spec.labels).map(([key, value]) => `--label=${key}=${value}`),
    '--pull=never',
    '--restart=no',

    '--cap-drop=all',
    '--security-opt=no-new-privileges',
    ...(engine.seccomp_profile === null ? [] : [`--security-opt=seccomp=${engine.seccomp_profile}`]),
    ...userArgs(engine.user_mapping),
    '--ipc=private',
    '--pid=private',
    '--uts=private',
    '--cgroupns=private',
    `--network=${networkArg(spec.network, engine)}`,
    ...(spec.rootFilesystem === 'read_only' ? ['--read-only', '--read-only-tmpfs'] : []),
    // podman 4.3 leaves its own /dev/shm mounted on the host when a rootful container with a user namespace ends, and then cannot remove it.
    `--tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=${shmSizeOf(added)},mode=1777`,
    '--image-volume=ignore',
    '--http-proxy=false',
    '--sdnotify=ignore',
    '--systemd=false',
    '--no-healthcheck',

    ...limitArgs(spec.limits, engine),
    ...ulimitArgs(engine.ulimits),
    ...(spec.timeoutSeconds === null ? [] : [`--timeout=${spec.timeoutSeconds}`]),
    `--stop-timeout=${spec.stopGraceSeconds}`,
    '--log-driver=k8s-file',
    `--log-opt=max-size=${spec.logMaxSize}`,

    ...(engine.init ? ['--init'] : []),
    '--umask=0022',
    // Before our own: of two variables with one name podman takes the later.
    ...podmanArgWords(added),
    ...Object.entries(spec.environment).map(([key, value]) => `--env=${key}=${value}`),
    ...(spec.secretsFile === undefined ? [] : [`--env-file=${spec.secretsFile}`]),
    ...spec.mounts.map((mount) => `--mount=${mountArg(mount)}`),
    '--workdir=/workspace',
    `--entrypoint=${JSON.stringify([program])}`,
    '--',
    spec.image,
    ...args,
  ];
}

/** The names of the walls that are lower than the default, for status and records. */
export function relaxationsOf(
  spec: Pick<RunSpec, 'network' | 'rootFilesystem' | 'secretsFile'>,
  engine: EngineProfile,
): readonly Relaxation[] {
  return [
    ...(spec.network === 'open' ? (['network: open'] as const) : []),
    ...(spec.rootFilesystem === 'writable' ? (['writable-root'] as const) : []),
    ...(spec.secretsFile === undefined ? [] : (['secrets'] as const)),
    ...(engine.user_mapping.kind === 'none' ? (['no-user-namespace'] as const) : []),
    ...(engine.seccomp_profile === null ? (['engine-seccomp'] as const) : []),
  ];
}

function userArgs(mapping: UserMapping): readonly string[] {
  const user = `--user=${containerUser.uid}:${containerUser.gid}`;
  switch (mapping.kind) {
    case 'keep_id':
      return [`--userns=keep-id:uid=${containerUser.uid},gid=${containerUser.gid}`, user];
    case 'range':
      return [`--uidmap=0:${mapping.first}:${mapping.count}`, `--gidmap=0:${mapping.first}:${mapping.count}`, user];
    case 'none':
      return ['--userns=host', user];
  }
}

function networkArg(network: RunSpec['network'], engine: EngineProfile): string {
  if (network === 'none') return 'none';
  if (engine.open_network === null)
    throw executorErrors.RUN_SPEC_INVALID({ field: 'network', reason: 'is `open`, but no network that works was found on this host' });
  return engine.open_network;
}

/** Swap would let a container have more than its memory limit. */
function limitArgs({ memory, cpus, pids }: RunSpec['limits'], { limits }: EngineProfile): readonly string[] {
  return [
    ...(limits.pids ? [`--pids-limit=${pids}`] : []),
    ...(memory !== null && limits.memory ? [`--memory=${memory}`, `--memory-swap=${memory}`] : []),
    ...(cpus !== null && limits.cpus ? [`--cpus=${cpus}`] : []),
  ];
}

function mountArg({ source, target, access }: Mount): string {
  return ['type=bind', `source=${source}`, `destination=${target}`, ...(access === 'read' ? ['readonly=true'] : [])]
    .map(csvField)
    .join(',');
}

/** podman reads `--mount` as one CSV record, so a path with a comma or a quote must be quoted. */
function csvField(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A host name may be 64 bytes long at most. */
const hostnameOf = (name: string): string =>
  name
    .slice(0, 63)
    .replace(/[^A-Za-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '') || 'task';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;
const labelPattern = /^[a-z][a-z0-9.-]{0,127}$/;
const variablePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const imagePattern = /^[a-z0-9][a-zA-Z0-9._:/@-]*$/;
// Zero is refused wherever podman takes it for "no limit".
const sizePattern = /^(?=[0-9.]*[1-9])[0-9]+(?:\.[0-9]+)? ?(?:[kmgtp]i?)?b?$/i;
const cpusPattern = /^(?=[0-9.]*[1-9])[0-9]+(?:\.[0-9]+)?$/;

function checkRunSpec(spec: RunSpec): void {
  const refuse = (field: string, reason: string) => {
    throw executorErrors.RUN_SPEC_INVALID({ field, reason });
  };
  const plain = (field: string, text: string) => {
    if (/[\u0000-\u001f\u007f]/.test(text)) refuse(field, 'holds a control character');
  };

  if (!namePattern.test(spec.name)) refuse('name', `\`${JSON.stringify(spec.name)}\` is no container name`);
  if (!imagePattern.test(spec.image)) refuse('image', `${JSON.stringify(spec.image)} is no image reference`);
  if (!spec.command[0].startsWith('/')) refuse('command', 'must begin with an absolute path');
  for (const word of spec.command) if (word.includes('\0')) refuse('command', 'holds a NUL');
  for (const [key, value] of Object.entries(spec.labels)) {
    if (!labelPattern.test(key)) refuse('label', `${JSON.stringify(key)} is no label name`);
    plain(`label ${key}`, value);
  }
  for (const [key, value] of Object.entries(spec.environment)) {
    if (!variablePattern.test(key)) refuse('environment', `${JSON.stringify(key)} is no variable name`);
    if (value.includes('\0')) refuse(`environment ${key}`, 'holds a NUL');
  }
  if (spec.secretsFile !== undefined && (!spec.secretsFile.startsWith('/') || /[\u0000-\u001f\u007f]/.test(spec.secretsFile)))
    refuse('secrets file', `${JSON.stringify(spec.secretsFile)} is not an absolute path`);
  for (const { source, target } of spec.mounts) {
    for (const path of [source, target]) {
      plain('mount', path);
      if (!path.startsWith('/') || path.split('/').includes('..')) refuse('mount', `${JSON.stringify(path)} is not an absolute path`);
    }
  }
  if (spec.limits.memory !== null && !sizePattern.test(spec.limits.memory))
    refuse('memory', `${JSON.stringify(spec.limits.memory)} is no size`);
  if (spec.limits.cpus !== null && !cpusPattern.test(spec.limits.cpus))
    refuse('cpus', `${JSON.stringify(spec.limits.cpus)} is no number of processors`);
  if (!sizePattern.test(spec.logMaxSize)) refuse('log size', `${JSON.stringify(spec.logMaxSize)} is no size`);
  for (const [field, number, least] of [
    ['pids', spec.limits.pids, 1],
    ['time limit', spec.timeoutSeconds ?? 1, 1],
    ['stop grace', spec.stopGraceSeconds, 0],
  ] as const) {
    if (!Number.isSafeInteger(number) || number < least) refuse(field, `${number} is not a whole number from ${least} up`);
  }
}
