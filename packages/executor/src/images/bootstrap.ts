/** A base that is made from the distribution's own packages, as an archive that is kept, and imported from there. */
import { basename, join } from 'node:path';
import type { SandboxContext } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { installationLabels, labelNames } from '../labels.ts';
import { succeeded } from '../podman/podman.ts';
import { describeEnd, toolEnvironment, type Command, type ProcessEnd, type Processes } from '../processes.ts';
import { followed, imageReference, type BuildSettings } from './build.ts';
import { basePackages, hashOf } from './layers.ts';

export type BootstrapSettings = BuildSettings &
  Pick<SandboxContext, 'files' | 'paths'> & {
    readonly processes: Processes;
    readonly env: Command['env'];
    readonly rootless: boolean;
    /** From the `image` section of the configuration. */
    readonly suite: string | null;
    readonly mirror: string | null;
    readonly hostSuite: string | null;
  };

/** What the image is made of, and where its archive is. */
export type BootstrapFacts = Pick<BootstrapSettings, 'paths' | 'installationId' | 'suite' | 'mirror' | 'hostSuite'>;

const importTimeoutMs = 10 * 60_000;
const bootstrapTimeoutMs = 20 * 60_000;
/** It unmounts what it mounted, and waits for the packages that it is installing. */
const bootstrapKillDelayMs = 60_000;
const suiteDefault = 'bookworm';

/** Another suite, mirror or package list is another image. */
const bootstrapHash = ({ suite, mirror, hostSuite }: Pick<BootstrapFacts, 'suite' | 'mirror' | 'hostSuite'>): string =>
  hashOf(['bootstrap 2', suite ?? hostSuite ?? suiteDefault, mirror ?? '', ...basePackages]);

/** The name of the image. */
export const bootstrapReference = (facts: BootstrapFacts): string =>
  imageReference(facts.installationId, 'bootstrap', bootstrapHash(facts));

/** Where the archive that a bootstrap base is imported from is kept. */
export const bootstrapArchive = (facts: BootstrapFacts): string =>
  join(facts.paths.images, `bootstrap-${bootstrapHash(facts).slice(0, 16)}.tar`);

/**
 * Imports the image, and makes its archive before that where there is none. The archive is kept beside the state, so that making the image
 * again (other storage, cleaned up) needs no mirror. The reference of the image.
 */
export async function importBootstrap(settings: BootstrapSettings): Promise<string> {
  const { podman, files, paths, installationId, onProgress, signal } = settings;
  const reference = bootstrapReference(settings);
  const archive = bootstrapArchive(settings);
  await files.ensureDirectory(paths.images);
  if (settings.rebuild === 'all' || (await files.stat(archive)) === null) await makeArchive(archive, settings);

  onProgress({ kind: 'stage', stage: 'base', text: `importing ${basename(archive)}` });
  const labels = { ...installationLabels(installationId), [labelNames.layer]: 'bootstrap' };
  const changes = Object.entries(labels).map(([key, value]) => `--change=LABEL ${key}=${value}`);
  const args = ['import', '--quiet', ...changes, '--change=CMD ["/bin/bash"]', '--', archive, reference];
  await podman.run(args, { timeoutMs: importTimeoutMs, ...(signal === undefined ? {} : { signal }) });
  return reference;
}

/** Written under another name and renamed, so that an archive that is there is whole. */
async function makeArchive(archive: string, settings: BootstrapSettings): Promise<void> {
  const { processes, files, env, suite, mirror, hostSuite, onProgress, signal } = settings;
  const partial = `${archive}.partial`;
  const release = suite ?? hostSuite ?? suiteDefault;
  onProgress({ kind: 'stage', stage: 'base', text: `making a ${release} base from packages (a minute or two)` });
  await files.remove(partial);

  for (const tool of toolsFor(settings, release, partial, mirror)) {
    const [binary = '', ...args] = tool.words;
    const child = processes.open({
      binary,
      args,
      // With this date mmdebstrap makes the same archive, byte for byte, of the same packages.
      env: { ...toolEnvironment(env, ['APT_CONFIG']), DEBIAN_FRONTEND: 'noninteractive', SOURCE_DATE_EPOCH: '0' },
      timeoutMs: bootstrapTimeoutMs,
      killDelayMs: bootstrapKillDelayMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const { end, last } = await followed(child, 'base', onProgress);
    if (isMissing(end)) continue;
    if (!succeeded(end)) {
      await files.remove(partial);
      throw executorErrors.BOOTSTRAP_FAILED({ tool: tool.name, how: describeEnd(end), lastLines: last });
    }
    await files.rename(partial, archive);
    return;
  }
  throw executorErrors.BOOTSTRAP_TOOL_MISSING({});
}

/** 127 is how a shell says that there is no such program. */
const isMissing = (end: ProcessEnd): boolean => end.kind === 'missing' || (end.kind === 'exited' && end.exitCode === 127);

type Tool = { readonly name: string; readonly words: readonly string[] };

/** Manuals and translations are left out: nobody reads them in a container, and they are half of the files. */
const leftOut = ['/usr/share/man/*', '/usr/share/locale/*', '/usr/share/doc/*'];

/** mmdebstrap works for any user; debootstrap only for root, and makes a folder that becomes an archive. */
function toolsFor({ rootless }: BootstrapSettings, release: string, archive: string, mirror: string | null): readonly Tool[] {
  const include = `--include=${basePackages.join(',')}`;
  const excluded = [...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`), '--dpkgopt=path-include=/usr/share/doc/*/copyright'];
  // Copied from the host on the way; podman gives every container its own.
  const emptied = '--customize-hook=: >"$1/etc/resolv.conf"; : >"$1/etc/hostname"';
  const mirrorWord = mirror === null ? [] : [mirror];
  const folder = `${archive}.d`;
  const withDebootstrap = [
    'set -eu',
    'trap \'rm -rf --one-file-system -- "$1"\' EXIT',
    'debootstrap --variant=minbase "$3" "$4" "$1" ${5:+"$5"}',
    'rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*',
    'tar -C "$1" --numeric-owner --one-file-system -cf "$2" .',
  ].join('; ');
  return [
    {
      name: 'mmdebstrap',
      words: ['mmdebstrap', '--format=tar', '--variant=minbase', include, ...excluded, emptied, release, archive, ...mirrorWord],
    },
    ...(rootless
      ? []
      : [
          {
            name: 'debootstrap',
            words: [
              'sh',
              '-c',
              `command -v debootstrap >/dev/null || exit 127; ${withDebootstrap}`,
              'sh',
              folder,
              archive,
              include,
              release,
              ...mirrorWord,
            ],
          },
        ]),
  ];
}
