/** What the host lacks, and the shortest list of packages that brings it. Pure: facts in, a plan out. */

/** The oldest podman that terok knows. */
const oldestPodman = /** @type {const} */ ([4, 3]);

/**
 * @typedef {object} HostFacts
 * @property {boolean} rootless the person is not root
 * @property {boolean} systemd systemd runs the host
 * @property {boolean} cgroup2 the host has cgroup v2 alone, neither v1 nor both
 * @property {readonly [number, number]} kernel
 * @property {string | null} podman version of the installed podman
 * @property {string | null} podmanOffered version that the distribution's packages would bring; null when it has none
 * @property {(program: string) => boolean} has whether a program is installed
 * @property {(path: string) => boolean} exists whether there is such a file
 *
 * @typedef {{ readonly name: string, readonly why: string }} Package
 * @typedef {{ readonly packages: readonly Package[], readonly problems: readonly string[] }} HostPlan
 */

/** `tests` adds what only the tests need. @param {HostFacts} host @param {{ readonly tests?: boolean }} [options] @returns {HostPlan} */
export function hostPlan(host, { tests = false } = {}) {
  const podman = host.podman ?? host.podmanOffered;
  const all = [...needs(host, podman === null ? 0 : versionNumbers(podman)[0]), ...(tests ? testNeeds(host) : [])];
  return {
    packages: all.flatMap(({ met, ...needed }) => (met ? [] : [needed])),
    problems: podmanProblems(host),
  };
}

/** @param {HostFacts} host @param {number} podmanMajor */
function needs({ rootless, systemd, cgroup2, kernel, podman, has, exists }, podmanMajor) {
  const initPaths = ['/usr/libexec/podman/catatonit', '/usr/lib/podman/catatonit', '/usr/local/libexec/podman/catatonit'];
  return [
    { name: 'git', why: 'repositories', met: has('git') },
    { name: 'podman', why: 'starts the containers', met: podman !== null },
    cgroup2
      ? { name: 'crun', why: 'the runtime below podman', met: has('crun') || has('runc') }
      : { name: 'runc', why: 'the runtime below podman that also starts on cgroup v1', met: has('runc') },
    {
      name: 'catatonit',
      why: 'the first process of every container, which collects the others',
      met: has('catatonit') || initPaths.some(exists),
    },
    ...network(rootless, podmanMajor, has),
    {
      name: 'mmdebstrap',
      why: 'makes the base image when no registry answers',
      met: has('mmdebstrap') || (!rootless && has('debootstrap')),
    },
    { name: 'ca-certificates', why: 'repositories and packages over HTTPS', met: exists('/etc/ssl/certs/ca-certificates.crt') },
    { name: 'uidmap', why: 'user namespaces without root', met: !rootless || (has('newuidmap') && has('newgidmap')) },
    {
      name: 'dbus-user-session',
      why: 'resource limits without root',
      met: !rootless || !systemd || exists('/usr/lib/systemd/user/dbus.socket'),
    },
    {
      name: 'fuse-overlayfs',
      why: 'layers of images without root, on a kernel older than 5.13',
      met: !rootless || atLeast(kernel, [5, 13]) || has('fuse-overlayfs'),
    },
  ];
}

/** Tests cut writes short in the middle of a call, and root's tests also run podman as a user without rights. @param {HostFacts} host */
function testNeeds({ rootless, has }) {
  return [
    { name: 'strace', why: 'tests that cut a write short inside one system call', met: has('strace') },
    {
      name: 'systemd',
      why: "tests that read units of ours, and start the daemon, with systemd's own tools",
      met: has('systemd-analyze') && has('systemd-socket-activate'),
    },
    { name: 'tmux', why: 'tests in which people sit at terminals that change their size', met: has('tmux') },
    { name: 'uidmap', why: 'tests of podman without root', met: rootless || (has('newuidmap') && has('newgidmap')) },
  ];
}

/** For `network: open` and for building images. From podman 5 on, root's own network needs nothing more. @param {boolean} rootless @param {number} podmanMajor @param {HostFacts['has']} has */
function network(rootless, podmanMajor, has) {
  const why = 'the network of containers that may have one';
  if (podmanMajor < 5) return [{ name: 'slirp4netns', why, met: has('slirp4netns') }];
  return rootless ? [{ name: 'passt', why, met: has('pasta') || has('slirp4netns') }] : [];
}

/** @param {HostFacts} host */
function podmanProblems({ podman, podmanOffered }) {
  const oldest = oldestPodman.join('.');
  if (podman !== null)
    return atLeast(versionNumbers(podman), oldestPodman) ? [] : [`The installed podman is ${podman}; terok needs ${oldest} or newer.`];
  if (podmanOffered !== null && !atLeast(versionNumbers(podmanOffered), oldestPodman)) {
    return [
      `This distribution offers podman ${podmanOffered}; terok needs ${oldest} or newer (Debian 12, Ubuntu 23.04, or newer than these).`,
    ];
  }
  return [];
}

/** `4.3.1+ds1-8+deb12u1` → 4 and 3; a Debian epoch (`1:…`) is skipped. @param {string} version @returns {readonly [number, number]} */
export function versionNumbers(version) {
  const [, major = '0', minor = '0'] = /^(?:\d+:)?(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}

/** @param {readonly [number, number]} version @param {readonly [number, number]} oldest */
export function atLeast(version, oldest) {
  return version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]);
}
