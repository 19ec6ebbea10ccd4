/** Checks of the host, as data: each finding says what is, whether that is good, and the command that mends it. */
import { parseInstant, sizeBytes } from '@terok/sandbox';
import { loadRoster, type Roster } from './agents/roster.ts';
import type { DoctorFinding } from './doctor-finding.ts';
import type { ExecutorContext } from './executor-context.ts';
import { isRecentEnough } from './engine-profile/probe.ts';
import type { EngineProfile } from './engine-profile/engine-profile.ts';
import { clockFinding, diskFinding, hostFindings, upwards } from './host-findings.ts';
import { succeeded, textOf } from './podman/podman.ts';
import { toolEnvironment } from './processes.ts';

/** Asks the host; changes nothing. One failing check never hides another. */
export async function doctorChecks(ctx: ExecutorContext): Promise<readonly DoctorFinding[]> {
  return [
    await podmanFinding(ctx),
    await gitFinding(ctx),
    ...engineFindings(ctx.engine),
    ...hostFindings(await ctx.hostConditions(), 'profile' in ctx.engine),
    ...(await diskFindings(ctx)),
    clockFinding(ctx.clock.now(), await recordedMoments(ctx)),
    ...agentFindings(await loadRoster(ctx)),
  ];
}

/** Pure: the agents that can be run, and each place in a person's file that keeps another from it. */
export function agentFindings({ agents, quarantined }: Roster): readonly DoctorFinding[] {
  const wrong = [...quarantined].flatMap(([agent, problems]) => problems.map((problem) => ({ agent, problem })));
  return [
    { id: 'agents', status: 'ok', finding: `agents that can be run: ${[...agents.keys()].join(', ')}` },
    ...wrong.map(({ agent, problem: { file, line, column, path, message, hint } }) => ({
      id: 'agents',
      status: 'warn' as const,
      finding: `${agent} cannot be run: ${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` ${hint}`}`,
      fix: `"\${EDITOR:-vi}" '${file.replaceAll("'", String.raw`'\''`)}'`,
    })),
  ];
}

async function podmanFinding({ podman }: ExecutorContext): Promise<DoctorFinding> {
  const install = 'apt-get install podman';
  try {
    const version = (await podman.run(['version', '--format={{.Client.Version}}'])).trim();
    if (!isRecentEnough(version)) return { id: 'podman', status: 'error', finding: `podman ${version} is older than 4.3`, fix: install };
    return { id: 'podman', status: 'ok', finding: `podman ${version}` };
  } catch (error) {
    return { id: 'podman', status: 'error', finding: error instanceof Error ? error.message : String(error), fix: install };
  }
}

async function gitFinding({ processes, env }: ExecutorContext): Promise<DoctorFinding> {
  const { end, stdout } = await processes.run({ binary: 'git', args: ['--version'], env: toolEnvironment(env), timeoutMs: 10_000 });
  if (!succeeded(end)) return { id: 'git', status: 'error', finding: 'git is not installed, or not on PATH', fix: 'apt-get install git' };
  return gitVersionFinding(textOf(stdout).trim());
}

/** Since then git can be told which configuration to leave alone (`GIT_CONFIG_GLOBAL`). */
const oldestGit = [2, 32] as const;

/** Pure: what `git --version` printed. A git that says nothing of its version is taken as it is. */
export function gitVersionFinding(printed: string): DoctorFinding {
  const match = /^git version (\d+)\.(\d+)/.exec(printed);
  const [major, minor] = match === null ? oldestGit : [Number(match[1]), Number(match[2])];
  const recent = major > oldestGit[0] || (major === oldestGit[0] && minor >= oldestGit[1]);
  return recent
    ? { id: 'git', status: 'ok', finding: printed }
    : { id: 'git', status: 'error', finding: `${printed} is older than ${oldestGit.join('.')}`, fix: 'apt-get install git' };
}

/** Room for workspaces, and for images and containers; one finding where the two are one place. */
async function diskFindings(ctx: ExecutorContext): Promise<readonly DoctorFinding[]> {
  const needed = sizeBytes(ctx.config.limits.disk_free_min) ?? 0;
  const { end, stdout } = await ctx.podman
    .attempt(['info', '--format={{.Store.GraphRoot}}'])
    .catch(() => ({ end: { kind: 'missing' } as const, stdout: new Uint8Array() }));
  const storage = succeeded(end) ? textOf(stdout).trim() : '';
  const reading = async (what: string, path: string) => ({ what, path, freeBytes: await freeBytesAbove(ctx, path) });
  return [
    diskFinding(await reading('state', ctx.paths.stateRoot), needed, 'terok task list'),
    ...(storage.startsWith('/') ? [diskFinding(await reading('images', storage), needed, 'podman system df')] : []),
  ];
}

/** Of the nearest directory that is there; null when none can be measured. */
async function freeBytesAbove({ freeBytes }: ExecutorContext, path: string): Promise<number | null> {
  for (const directory of upwards(path)) {
    const bytes = await freeBytes(directory).catch(() => null);
    if (bytes !== null) return bytes;
  }
  return null;
}

async function recordedMoments({ engine, files, paths }: ExecutorContext) {
  const probedAt = 'profile' in engine ? parseInstant(engine.profile.probed_at) : null;
  const stamp = await files.stat(paths.setupStamp);
  return [
    ...(probedAt === null ? [] : [{ what: 'the engine profile', at: probedAt }]),
    ...(stamp === null ? [] : [{ what: 'the setup stamp', at: stamp.modifiedAt }]),
  ];
}

function engineFindings(engine: ExecutorContext['engine']): readonly DoctorFinding[] {
  const setup = 'terok setup';
  switch (engine.kind) {
    case 'absent':
      return [{ id: 'engine', status: 'error', finding: 'it is not known yet how containers start on this host', fix: setup }];
    case 'unreadable':
      return [{ id: 'engine', status: 'error', finding: `the engine profile cannot be read: ${engine.reason}`, fix: setup }];
    case 'outdated':
      return [
        ...engine.changes.map((change) => ({
          id: 'engine',
          status: 'warn' as const,
          finding: `the host has changed: ${change}`,
          fix: setup,
        })),
        ...profileFindings(engine.profile),
      ];
    case 'current':
      return profileFindings(engine.profile);
  }
}

/** Pure: what the profile means for whoever leaves agents alone here. */
export function profileFindings(profile: EngineProfile): readonly DoctorFinding[] {
  const { limits } = profile;
  const ignored = (['memory', 'cpus', 'pids'] as const).filter((limit) => !limits[limit]);
  const because = profile.rootless && profile.cgroup_version === 'v1' ? ' (rootless podman on cgroup v1 ignores them)' : '';
  return [
    {
      id: 'engine',
      status: 'ok',
      finding: `${profile.runtime} with ${profile.cgroup_manager}, ${profile.rootless ? 'rootless' : 'as root'}, storage ${profile.storage_driver}`,
    },
    ignored.length === 0
      ? { id: 'limits', status: 'ok', finding: 'memory, processor and process limits are enforced' }
      : { id: 'limits', status: 'warn', finding: `limits that are not enforced here: ${ignored.join(', ')}${because}` },
    profile.storage_driver === 'vfs'
      ? {
          id: 'storage',
          status: 'warn',
          finding:
            'the storage driver vfs copies every layer whole: containers start slowly and images are large; podman takes another one for a storage that is new, or was cleared by `podman system reset` (kernels before 5.13 also need fuse-overlayfs)',
          fix: `printf '[storage]\\ndriver = "overlay"\\n' >> ${profile.rootless ? '~/.config' : '/etc'}/containers/storage.conf`,
        }
      : { id: 'storage', status: 'ok', finding: `the storage driver ${profile.storage_driver} shares layers between images` },
    profile.user_mapping.kind === 'none'
      ? {
          id: 'user-namespace',
          status: 'warn',
          finding: 'containers run without a user namespace: uid 1000 inside is uid 1000 of the host',
        }
      : { id: 'user-namespace', status: 'ok', finding: 'containers run in a user namespace of their own' },
    profile.seccomp_profile === null
      ? { id: 'seccomp', status: 'warn', finding: 'this engine has no seccomp: system calls are not filtered' }
      : { id: 'seccomp', status: 'ok', finding: 'system calls are filtered by the hardened profile' },
    profile.open_network === null
      ? {
          id: 'network',
          status: 'warn',
          finding: '`network: open` does not work here; tasks without a network do',
          fix: 'apt-get install netavark slirp4netns',
        }
      : { id: 'network', status: 'ok', finding: `\`network: open\` uses ${profile.open_network}` },
    profile.init
      ? { id: 'init', status: 'ok', finding: 'an init process is there' }
      : {
          id: 'init',
          status: 'warn',
          finding: 'no init process: stopping a task may take its whole grace',
          fix: 'apt-get install catatonit',
        },
  ];
}
