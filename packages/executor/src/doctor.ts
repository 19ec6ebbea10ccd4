/** Checks of the host, as data: each finding says what is, whether that is good, and the command that mends it. */
import type { ExecutorContext } from './executor-context.ts';
import { isRecentEnough } from './engine-profile/probe.ts';
import type { EngineProfile } from './engine-profile/engine-profile.ts';
import { succeeded, textOf } from './podman/podman.ts';
import { toolEnvironment } from './processes.ts';

export type DoctorFinding = {
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'error';
  readonly finding: string;
  /** The command that mends it. */
  readonly fix?: string;
};

/** Asks the host; changes nothing. One failing check never hides another. */
export async function doctorChecks(ctx: ExecutorContext): Promise<readonly DoctorFinding[]> {
  return [await podmanFinding(ctx), await gitFinding(ctx), ...engineFindings(ctx.engine)];
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
  return succeeded(end)
    ? { id: 'git', status: 'ok', finding: textOf(stdout).trim() }
    : { id: 'git', status: 'error', finding: 'git is not installed, or not on PATH', fix: 'apt-get install git' };
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
