/** What `terok setup` found out about starting containers on this host, kept in `engine-profile.json` and used by every later call. */
import type { SandboxContext } from '@terok/sandbox';
import { readText } from '@terok/sandbox';
import { z } from '@terok/sandbox';
import type { HostFacts } from './host-facts.ts';

const Ulimit = z.strictObject({ name: z.enum(['nofile', 'nproc']), soft: z.int(), hard: z.int() });

/** How the uid that works in a container (1000) is kept apart from, or made equal to, one of the host. */
const UserMapping = z.discriminatedUnion('kind', [
  /** Rootless: the caller is uid 1000 inside. */
  z.strictObject({ kind: z.literal('keep_id') }),
  /** Rootful: container ids 0…count−1 are host ids first…first+count−1, which belong to nobody. */
  z.strictObject({ kind: z.literal('range'), first: z.int(), count: z.int() }),
  /** Rootful without user namespaces: uid 1000 inside is uid 1000 of the host. */
  z.strictObject({ kind: z.literal('none') }),
]);

const HostFactsSchema = z.record(z.string(), z.string());

export const EngineProfile = z.looseObject({
  schema: z.literal(1),
  probed_at: z.string(),
  podman_version: z.string(),
  rootless: z.boolean(),
  runtime: z.enum(['crun', 'runc']),
  cgroup_manager: z.enum(['systemd', 'cgroupfs']),
  cgroup_version: z.enum(['v1', 'v2']),
  storage_driver: z.string(),
  ulimits: z.array(Ulimit),
  user_mapping: UserMapping,
  /** Which resource limits the engine really enforces here. */
  limits: z.strictObject({ memory: z.boolean(), cpus: z.boolean(), pids: z.boolean() }),
  /** An init process that reaps and passes signals on is there. */
  init: z.boolean(),
  /** What `network: open` uses; null where nothing that works was found. */
  open_network: z.nullable(z.enum(['bridge', 'slirp4netns', 'pasta'])),
  /** The container profile of `setup`, by subtraction from the engine's own; null where the engine has no seccomp. */
  seccomp_profile: z.nullable(z.string()),
  host: HostFactsSchema,
});

export type EngineProfile = z.infer<typeof EngineProfile>;
export type UserMapping = z.infer<typeof UserMapping>;
export type Ulimit = z.infer<typeof Ulimit>;

export type EngineProfileRead =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The host is not what was probed: `changes` names what differs, one sentence each. */
  | { readonly kind: 'outdated'; readonly profile: EngineProfile; readonly changes: readonly string[] }
  | { readonly kind: 'current'; readonly profile: EngineProfile };

const profileMaxBytes = 256 * 1024;

export async function readEngineProfile(
  { files, paths }: Pick<SandboxContext, 'files' | 'paths'>,
  host: HostFacts,
): Promise<EngineProfileRead> {
  const text = await readText(files, paths.engineProfile, { maxBytes: profileMaxBytes });
  return text === null ? { kind: 'absent' } : judgeEngineProfile(text, host);
}

/** Pure: the file's text and the host as it is now. */
export function judgeEngineProfile(text: string, host: HostFacts): EngineProfileRead {
  const parsed = EngineProfile.safeParse(jsonOrUndefined(text));
  if (!parsed.success)
    return {
      kind: 'unreadable',
      reason: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; '),
    };

  const changes = changedFacts(parsed.data.host, host);
  return changes.length === 0 ? { kind: 'current', profile: parsed.data } : { kind: 'outdated', profile: parsed.data, changes };
}

function changedFacts(then: HostFacts, now: HostFacts): readonly string[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].toSorted();
  return names
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name} was ${then[name] ?? 'absent'} and is ${now[name] ?? 'absent'}`);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The words that go before every podman verb on this host. */
export function engineArgs(profile: Pick<EngineProfile, 'runtime' | 'cgroup_manager'>): readonly string[] {
  return [`--runtime=${profile.runtime}`, `--cgroup-manager=${profile.cgroup_manager}`];
}

/**
 * The ulimits of every container of ours. Naming one of them makes podman forget its own defaults for the others, so a probe that
 * leaves out `core` would try something else than what is run.
 */
export function ulimitArgs(ulimits: readonly Ulimit[]): readonly string[] {
  return ['--ulimit=core=0:0', ...ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`)];
}

/** The host's owner of what uid and gid 1000 make in a container; null where that is the caller already. */
export function workspaceOwner(mapping: UserMapping): { readonly uid: number; readonly gid: number } | null {
  switch (mapping.kind) {
    case 'keep_id':
      return null;
    case 'range':
      return { uid: mapping.first + 1000, gid: mapping.first + 1000 };
    case 'none':
      return { uid: 1000, gid: 1000 };
  }
}
