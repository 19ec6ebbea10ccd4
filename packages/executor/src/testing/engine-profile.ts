/** An engine profile as `terok setup` writes it on a host where everything works; give what should differ. */
import type { EngineProfile } from '../engine-profile/engine-profile.ts';

export function engineProfile(different: Partial<EngineProfile> = {}): EngineProfile {
  return {
    schema: 1,
    probed_at: '2026-01-01T00:00:00.000+00:00',
    podman_version: '4.3.1',
    rootless: false,
    runtime: 'crun',
    cgroup_manager: 'systemd',
    cgroup_version: 'v2',
    storage_driver: 'overlay',
    ulimits: [],
    user_mapping: { kind: 'range', first: 2_000_000_000, count: 65_536 },
    limits: { memory: true, cpus: true, pids: true },
    init: true,
    open_network: 'bridge',
    seccomp_profile: '/state/seccomp.json',
    host: { kernel: '6.1.0', user: '0', podman: '/usr/bin/podman (1 bytes, 2026-01-01T00:00:00.000Z)' },
    ...different,
  };
}
