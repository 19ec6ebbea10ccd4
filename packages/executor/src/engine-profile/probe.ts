/**
 * Finds out how a container can be started on this host, by starting the smallest one there is in one way after another.
 * Reads, tries, and returns a profile; the caller stores it.
 */
import { formatInstant, type SandboxContext } from '@terok/sandbox';
import { z } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { installationLabels } from '../labels.ts';
import { lastLines, podmanFailure, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { describeEnd } from '../processes.ts';
import { hardenedSeccomp } from '../seccomp.ts';
import { ulimitArgs, type EngineProfile, type Ulimit, type UserMapping } from './engine-profile.ts';
import type { HostReadings } from './host-facts.ts';
import { tarOfFiles } from '../tar.ts';
import { exitZeroProgram } from './probe-image.ts';

export type ProbeContext = Pick<SandboxContext, 'files' | 'paths' | 'clock' | 'config'> & {
  readonly podman: Podman;
  readonly host: HostReadings;
  readonly installationId: string;
  readonly readHostText: (path: string) => Promise<string | null>;
};

const oldestPodman = [4, 3] as const;
/** Host ids that a container's are mapped to when podman runs as root: above every range that distributions hand out, below the end of the 32 bits. */
const mappedRange = { first: 2_000_000_000, count: 65_536 } as const;
/** What podman's own default limit of processes is; asking for more than the host allows fails. */
const nprocDefault = 32_768;
const nofileDefault = 1_048_576;
const seccompMaxBytes = 1024 * 1024;

const Info = z.looseObject({
  host: z.looseObject({
    cgroupVersion: z.string(),
    cgroupControllers: z.nullish(z.array(z.string())),
    security: z.looseObject({ rootless: z.boolean(), seccompEnabled: z.nullish(z.boolean()), seccompProfilePath: z.nullish(z.string()) }),
  }),
  store: z.looseObject({ graphDriverName: z.string() }),
});

type Way = { readonly runtime: 'crun' | 'runc'; readonly cgroupManager: 'systemd' | 'cgroupfs'; readonly ulimits: readonly Ulimit[] };

export async function probeEngine(ctx: ProbeContext, tell: (line: string) => void): Promise<EngineProfile> {
  const version = await podmanVersion(ctx.podman);
  tell(`podman ${version}`);
  const info = await podmanInfo(ctx.podman);
  const forgotten = await forgottenProbeImages(ctx);
  const image = await importProbeImage(ctx);
  try {
    const way = await firstWayThatWorks(ctx, image, tell);
    const podman = ctx.podman.withGlobalArgs([
      ...storageArgs(ctx.config),
      `--runtime=${way.runtime}`,
      `--cgroup-manager=${way.cgroupManager}`,
    ]);
    const works = (flags: readonly string[]) => startsWith(podman, image, [...ulimitArgs(way.ulimits), ...flags]);
    const rootless = info.host.security.rootless;
    // None of these depends on another, and each spends most of its time waiting.
    const [mapping, limits, init, network] = await Promise.all([
      userMapping(works, rootless),
      enforcedLimits(works, info, rootless),
      works(['--init']),
      openNetwork(works, rootless),
    ]);

    const profile: EngineProfile = {
      schema: 1,
      probed_at: formatInstant(ctx.clock.now()),
      podman_version: version,
      rootless,
      runtime: way.runtime,
      cgroup_manager: way.cgroupManager,
      cgroup_version: info.host.cgroupVersion === 'v2' ? 'v2' : 'v1',
      storage_driver: info.store.graphDriverName,
      ulimits: [...way.ulimits],
      user_mapping: mapping,
      limits,
      init,
      open_network: network,
      seccomp_profile: await seccompProfile(ctx, info, works),
      host: ctx.host.facts,
    };
    tell(
      `containers start with ${way.runtime}, ${way.cgroupManager}, ${rootless ? 'rootless' : 'as root'}, storage ${profile.storage_driver}`,
    );
    return profile;
  } finally {
    await ctx.podman.attempt(['image', 'rm', '--force', '--', image, ...forgotten]);
  }
}

/** Where podman keeps its images and containers, when the configuration moves it. */
export function storageArgs({ podman }: SandboxContext['config']): readonly string[] {
  return [
    ...(podman.storage_root === null ? [] : [`--root=${podman.storage_root}`]),
    ...(podman.run_root === null ? [] : [`--runroot=${podman.run_root}`]),
  ];
}

async function podmanVersion(podman: Podman): Promise<string> {
  const version = (await podman.run(['version', '--format={{.Client.Version}}'])).trim();
  if (!isRecentEnough(version)) throw executorErrors.PODMAN_TOO_OLD({ version });
  return version;
}

/** Pure. `4.3.1` and `5.0.0-rc2` are; `4.2.9` is not; what is no version is not. */
export function isRecentEnough(version: string): boolean {
  const [major = NaN, minor = NaN] = version.split('.').map(Number);
  return major > oldestPodman[0] || (major === oldestPodman[0] && minor >= oldestPodman[1]);
}

async function podmanInfo(podman: Podman): Promise<z.infer<typeof Info>> {
  const text = await podman.run(['info', '--format=json']);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw executorErrors.PODMAN_UNREADABLE({ verb: 'info', reason: 'it is not JSON' }, error);
  }
  const parsed = Info.safeParse(raw);
  if (!parsed.success) throw executorErrors.PODMAN_UNREADABLE({ verb: 'info', reason: z.prettifyError(parsed.error) });
  return parsed.data;
}

const probeRepository = 'localhost/terok-probe';
/** No probe takes so long. */
const probeLongMs = 60 * 60_000;

/** The images of probes that were killed; the name says whose they are and when they were made. */
async function forgottenProbeImages({ podman, installationId, clock }: ProbeContext): Promise<readonly string[]> {
  const args = ['images', `--filter=reference=${probeRepository}`, '--format={{.Repository}}:{{.Tag}}'];
  const { end, stdout } = await podman.attempt(args);
  if (!succeeded(end)) return [];
  const now = clock.now().getTime();
  return textOf(stdout)
    .split('\n')
    .filter((reference) => {
      const [, owner, made = ''] = /^localhost\/terok-probe:([0-9a-f]{8})-([0-9a-z]{1,10})$/.exec(reference) ?? [];
      return owner === installationId.slice(0, 8) && Math.abs(now - Number.parseInt(made, 36)) > probeLongMs;
    });
}

/** A name of its own for each probe, so that two of them at once do not remove each other's image. */
async function importProbeImage({ podman, host, installationId, clock }: ProbeContext): Promise<string> {
  const reference = `${probeRepository}:${installationId.slice(0, 8)}-${clock.now().getTime().toString(36)}`;
  const labels = Object.entries(installationLabels(installationId)).map(([key, value]) => `--change=LABEL ${key}=${value}`);
  await podman.run(['import', '--quiet', ...labels, '--', '-', reference], {
    input: tarOfFiles({ probe: exitZeroProgram(host.architecture) }, 0o755),
  });
  return reference;
}

/** The ways in order of preference: what the configuration says; crun before runc; systemd only where it runs; podman's own limits before the host's. */
function waysToTry({ host, config }: ProbeContext): readonly Way[] {
  const runtimes = config.podman.runtime === null ? host.runtimes : [config.podman.runtime];
  const managers =
    config.podman.cgroup_manager === null
      ? ([...(host.systemd ? ['systemd' as const] : []), 'cgroupfs'] as const)
      : [config.podman.cgroup_manager];
  const limits = [[], hostUlimits(host)];
  return runtimes.flatMap((runtime) => managers.flatMap((cgroupManager) => limits.map((ulimits) => ({ runtime, cgroupManager, ulimits }))));
}

/** No more than this process may hand on; both together, for one of them alone makes podman raise the other. */
function hostUlimits({ nofileHard, nprocHard }: HostReadings): readonly Ulimit[] {
  const nofile = Math.min(nofileHard ?? nofileDefault, nofileDefault);
  const nproc = Math.min(nprocHard ?? nprocDefault, nprocDefault);
  return [
    { name: 'nofile', soft: nofile, hard: nofile },
    { name: 'nproc', soft: nproc, hard: nproc },
  ];
}

async function firstWayThatWorks(ctx: ProbeContext, image: string, tell: (line: string) => void): Promise<Way> {
  const tried: string[] = [];
  for (const way of waysToTry(ctx)) {
    const podman = ctx.podman.withGlobalArgs([
      ...storageArgs(ctx.config),
      `--runtime=${way.runtime}`,
      `--cgroup-manager=${way.cgroupManager}`,
    ]);
    const { end, stderr } = await runProbe(podman, image, ulimitArgs(way.ulimits));
    if (succeeded(end)) return way;
    const name = [way.runtime, way.cgroupManager, ...way.ulimits.map((limit) => `${limit.name}=${limit.hard}`)].join(' ');
    tried.push(`${name}: ${lastLines(textOf(stderr), 1) || describeEnd(end)}`);
    tell(`does not start with ${tried.at(-1)}`);
  }
  throw executorErrors.ENGINE_UNUSABLE({ tried: tried.length === 0 ? ['neither crun nor runc is installed'] : tried });
}

const runProbe = (podman: Podman, image: string, flags: readonly string[]) =>
  podman.attempt([
    'run',
    '--rm',
    '--pull=never',
    ...(flags.some((flag) => flag.startsWith('--network=')) ? [] : ['--network=none']),
    ...flags,
    '--',
    image,
    '/probe',
  ]);

async function startsWith(podman: Podman, image: string, flags: readonly string[]): Promise<boolean> {
  return succeeded((await runProbe(podman, image, flags)).end);
}

type Works = (flags: readonly string[]) => Promise<boolean>;

async function userMapping(works: Works, rootless: boolean): Promise<UserMapping> {
  if (rootless) return { kind: 'keep_id' };
  const { first, count } = mappedRange;
  return (await works([`--uidmap=0:${first}:${count}`, `--gidmap=0:${first}:${count}`]))
    ? { kind: 'range', first, count }
    : { kind: 'none' };
}

/** podman takes limits that it then ignores when it runs rootless on cgroup v1, or without the controller. */
async function enforcedLimits(works: Works, info: z.infer<typeof Info>, rootless: boolean): Promise<EngineProfile['limits']> {
  const controllers = new Set(info.host.cgroupControllers ?? []);
  const mayEnforce = (controller: string) => controllers.has(controller) && !(rootless && info.host.cgroupVersion !== 'v2');
  const enforced = async (controller: string, flags: readonly string[]) => mayEnforce(controller) && (await works(flags));
  const [memory, cpus, pids] = await Promise.all([
    enforced('memory', ['--memory=64m', '--memory-swap=64m']),
    enforced('cpu', ['--cpus=0.5']),
    enforced('pids', ['--pids-limit=64']),
  ]);
  return { memory, cpus, pids };
}

async function openNetwork(works: Works, rootless: boolean): Promise<EngineProfile['open_network']> {
  const kinds = rootless ? (['pasta', 'slirp4netns'] as const) : (['bridge', 'slirp4netns'] as const);
  for (const kind of kinds) if (await works([`--network=${kind}`])) return kind;
  return null;
}

/** Writes our profile beside the engine's profile record and proves that a container starts under it. */
async function seccompProfile(ctx: ProbeContext, info: z.infer<typeof Info>, works: Works): Promise<string | null> {
  const { seccompEnabled, seccompProfilePath: path } = info.host.security;
  if (seccompEnabled !== true || !path) return null;
  const text = await ctx.readHostText(path);
  if (text === null || text.length > seccompMaxBytes)
    throw executorErrors.SECCOMP_PROFILE_UNREADABLE({ path, reason: text === null ? 'it is not there' : 'it is too large' });
  const made = hardenedSeccomp(text);
  if ('reason' in made) throw executorErrors.SECCOMP_PROFILE_UNREADABLE({ path, reason: made.reason });

  await ctx.files.replace(ctx.paths.seccompProfile, `${JSON.stringify(made.profile, undefined, 2)}\n`);
  const flags = [`--security-opt=seccomp=${ctx.paths.seccompProfile}`, '--security-opt=no-new-privileges', '--cap-drop=all'];
  if (await works(flags)) return ctx.paths.seccompProfile;
  throw podmanFailure(['run'], {
    end: { kind: 'exited', exitCode: 126 },
    stderr: new TextEncoder().encode('No container starts under the hardened seccomp profile.'),
  });
}
