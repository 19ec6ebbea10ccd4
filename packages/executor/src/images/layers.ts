/** Layer L0 as a build context: a base with our tools and our user. Pure; the hash of a context decides whether its image is fresh. */
import { createHash } from 'node:crypto';
import { containerUser } from '../run-spec.ts';
import { caInContainer } from './certificates.ts';
import type { PackageFamily } from './package-family.ts';
import { inContainer, prepareWorkspaceScript, runTaskScript } from '../workspace/prepare-script.ts';

export type LayerName = 'L0' | 'L1' | 'L2';

/** Lines of a Containerfile that somebody else wrote, and the name they are spoken of by. */
export type LayerSource = { readonly name: string; readonly firstLine: number; readonly lastLine: number };

export type BuildContext = {
  readonly layer: LayerName;
  readonly containerfile: string;
  /** File name in the context → its text. */
  readonly files: Readonly<Record<string, string>>;
  readonly sources: readonly LayerSource[];
  /** Changes whenever anything that goes into the image does. */
  readonly contentHash: string;
};

/** What every task finds in its container. The base made from packages is made of just these, so that building on it needs no network. */
export const basePackages: readonly string[] = ['ca-certificates', 'curl', 'git', 'less', 'patch', 'procps', 'ripgrep', 'tmux'];

/** The same by the names of Fedora and its children, and what their smallest images lack. */
const rpmPackages: readonly string[] = [
  ...['ca-certificates', 'curl', 'findutils', 'git', 'gzip', 'less', 'patch', 'procps-ng', 'ripgrep'],
  ...['shadow-utils', 'tar', 'tmux', 'util-linux'],
];

export type LayerBase = {
  readonly reference: string;
  /** The address of its content: another base under the same name is another image. */
  readonly content: string;
  readonly family: PackageFamily;
};

export function baseLayer({ reference, content, family }: LayerBase): BuildContext {
  const containerfile = [
    `FROM ${reference}`,
    'USER root',
    'ENV LANG=C.UTF-8 LC_ALL=C.UTF-8',
    `RUN ${family === 'deb' ? installDebs(basePackages) : installRpms(rpmPackages)}`,
    `RUN ${makeUser}`,
    `COPY --chmod=0755 prepare-workspace run-task ${inContainer.scripts}/`,
    'COPY --chmod=0644 gitconfig /etc/gitconfig',
    `ENV HOME=${containerUser.home} USER=${containerUser.name}`,
    `USER ${containerUser.uid}:${containerUser.gid}`,
    `WORKDIR ${inContainer.workspace}`,
    '',
  ].join('\n');
  const files = { 'prepare-workspace': prepareWorkspaceScript, 'run-task': runTaskScript, gitconfig };
  return { layer: 'L0', containerfile, files, sources: [], contentHash: hashOf([content, containerfile, ...Object.entries(files).flat()]) };
}

/** The mirror belongs to an id that is nobody's in the container; git is told that it may be read all the same. */
const gitconfig = `[safe]
\tdirectory = ${inContainer.mirror}
\tdirectory = ${inContainer.workspace}
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
`;

/** One shell word list, so that a base which has everything is left alone and needs no mirror. */
function installDebs(packages: readonly string[]): string {
  const list = packages.join(' ');
  return [
    `missing=''; for name in ${list}; do dpkg-query -W -f '\${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"; done`,
    // Only apt's own downloads: the certificates of a base are its own affair, and are not there yet when they are installed.
    `ca=''; if [ -s ${caInContainer} ]; then ca='-o Acquire::https::CaInfo=${caInContainer}'; fi`,
    `if [ -n "$missing" ]; then apt-get $ca update && DEBIAN_FRONTEND=noninteractive apt-get $ca install -y --no-install-recommends $missing && rm -rf /var/lib/apt/lists/*; fi`,
  ].join('; ');
}

/** By what a package provides: small images have `curl-minimal` for curl. The smallest have microdnf alone, which says a few things its own way. */
function installRpms(packages: readonly string[]): string {
  return [
    `missing=''; for name in ${packages.join(' ')}; do rpm -q --whatprovides "$name" >/dev/null 2>&1 || missing="$missing $name"; done`,
    `tool=$(command -v dnf || command -v microdnf || command -v yum) || { echo 'this base has neither dnf, microdnf nor yum' >&2; exit 1; }`,
    `ca=''; if [ -s ${caInContainer} ]; then ca='--setopt=sslcacert=${caInContainer}'; fi`,
    `if [ -n "$missing" ]; then "$tool" -y $ca --setopt=install_weak_deps=0 --setopt=tsflags=nodocs install $missing && "$tool" clean all; fi`,
  ].join('; ');
}

/** An account that has uid or gid 1000 already becomes ours: name, home and shell. */
const makeUser = [
  `group=$(getent group ${containerUser.gid} | cut -d: -f1); if [ -z "$group" ]; then groupadd --gid ${containerUser.gid} ${containerUser.name}; elif [ "$group" != ${containerUser.name} ]; then groupmod --new-name ${containerUser.name} "$group"; fi`,
  `user=$(getent passwd ${containerUser.uid} | cut -d: -f1); if [ -z "$user" ]; then useradd --uid ${containerUser.uid} --gid ${containerUser.gid} --home-dir ${containerUser.home} --create-home --shell /bin/bash ${containerUser.name}; elif [ "$user" != ${containerUser.name} ]; then usermod --login ${containerUser.name} --home ${containerUser.home} --move-home --gid ${containerUser.gid} --shell /bin/bash "$user"; fi`,
  `mkdir -p ${containerUser.home} ${inContainer.workspace} ${inContainer.scripts} /etc/terok`,
  `chown ${containerUser.uid}:${containerUser.gid} ${containerUser.home} ${inContainer.workspace}`,
].join(' && ');

/** Each part with its length, so that no two lists run together into the same text. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
