/** The conditions of a host that allows a person all that rootless containers need; give what should differ. */
import type { HostConditions } from '../engine-profile/host-conditions.ts';

export function hostConditions(different: Partial<HostConditions> = {}): HostConditions {
  return {
    uid: 1000,
    user: 'dev',
    subuid: 'dev:100000:65536\n',
    subgid: 'dev:100000:65536\n',
    userNamespacesMax: '96365\n',
    unprivilegedClone: null,
    appArmorRestriction: null,
    systemd: true,
    linger: true,
    cgroups: 'v2',
    delegatedControllers: 'cpuset cpu io memory pids\n',
    ...different,
  };
}
