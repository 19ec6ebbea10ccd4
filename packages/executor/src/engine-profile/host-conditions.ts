/** What the host allows whoever runs containers on it: read when the doctor asks, and not part of what a probe depends on. */

/** Texts are those of the files, whole; null where there is none that can be read. */
export type HostConditions = {
  /** The effective one. */
  readonly uid: number;
  /** As in the password database; the number where it is not there. */
  readonly user: string;
  /** `/etc/subuid` and `/etc/subgid`: one `user:first:count` per line. */
  readonly subuid: string | null;
  readonly subgid: string | null;
  /** `user.max_user_namespaces` */
  readonly userNamespacesMax: string | null;
  /** `kernel.unprivileged_userns_clone`, which Debian's kernels had. */
  readonly unprivilegedClone: string | null;
  /** `kernel.apparmor_restrict_unprivileged_userns`, which Ubuntu's have. */
  readonly appArmorRestriction: string | null;
  /** systemd is process 1. */
  readonly systemd: boolean;
  /** The user's services and containers live on after the last logout. */
  readonly linger: boolean;
  readonly cgroups: 'v1' | 'v2';
  /** The cgroup controllers that systemd hands on to this user, in one line. */
  readonly delegatedControllers: string | null;
};
