/** Layer L0 as a build context: a base with our tools and our user. Pure; the hash of a context decides whether its image is fresh. */
import { createHash } from 'node:crypto';
import { containerUser } from '../run-spec.ts';
import { caInContainer } from './certificates.ts';
import { inContainer, prepareWorkspaceScript, runTaskScript } from '../workspace/prepare-script.ts';

export type BuildContext = {
  readonly layer: 'L0' | 'L1';
  readonly containerfile: string;
  /** File name in the context → its text. */
  readonly files: Readonly<Record<string, string>>;
  /** Changes whenever anything that goes into the image does. */
  readonly contentHash: string;
};

/** What every task finds in its container. The base made from packages is made of just these, so that building on it needs no network. */
export const basePackages: readonly string[] = ['ca-certificates', 'curl', 'git', 'less', 'patch', 'procps', 'ripgrep', 'tmux'];

/** `baseId` is the content address of the base image: another base under the same name is another image. */
export function baseLayer(baseReference: string, baseId: string): BuildContext {
  const containerfile = [
    `FROM ${baseReference}`,
    'USER root',
    'ENV LANG=C.UTF-8 LC_ALL=C.UTF-8',
    `RUN ${installMissing(basePackages)}`,
    `RUN ${makeUser}`,
    `COPY --chmod=0755 prepare-workspace run-task ${inContainer.scripts}/`,
    'COPY --chmod=0644 gitconfig /etc/gitconfig',
    `ENV HOME=${containerUser.home} USER=${containerUser.name}`,
    `USER ${containerUser.uid}:${containerUser.gid}`,
    `WORKDIR ${inContainer.workspace}`,
    '',
  ].join('\n');
  const files = { 'prepare-workspace': prepareWorkspaceScript, 'run-task': runTaskScript, gitconfig };
  return { layer: 'L0', containerfile, files, contentHash: hashOf([baseId, containerfile, ...Object.entries(files).flat()]) };
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
function installMissing(packages: readonly string[]): string {
  const list = packages.join(' ');
  return [
    `command -v apt-get >/dev/null || { echo 'this base has no apt-get: only Debian and Ubuntu images can be used' >&2; exit 1; }`,
    `missing=''; for name in ${list}; do dpkg-query -W -f '\${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"; done`,
    // Only apt's own downloads: the certificates of a base are its own affair, and are not there yet when they are installed.
    `ca=''; if [ -s ${caInContainer} ]; then ca='-o Acquire::https::CaInfo=${caInContainer}'; fi`,
    `if [ -n "$missing" ]; then apt-get $ca update && DEBIAN_FRONTEND=noninteractive apt-get $ca install -y --no-install-recommends $missing && rm -rf /var/lib/apt/lists/*; fi`,
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
