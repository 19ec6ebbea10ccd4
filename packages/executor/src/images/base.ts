/** The image everything stands on: pulled from a registry, or made from the distribution's own packages when none answers. */
import { basename, join } from 'node:path';
import type { SandboxContext } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { installationLabels, labelNames } from '../labels.ts';
import { lastLines, podmanFailure, succeeded, textOf } from '../podman/podman.ts';
import { describeEnd, toolEnvironment, type Command, type ProcessEnd, type Processes } from '../processes.ts';
import { familyOf, knownFamily } from './base-family.ts';
import { followed, imageId, imageReference, inspectedImage, type BuildSettings } from './build.ts';
import { basePackages, hashOf, type LayerBase } from './layers.ts';
import type { PackageFamily } from './package-family.ts';

export type BaseImage = LayerBase & { readonly id: string };

export type BaseSettings = BuildSettings &
  Pick<SandboxContext, 'files' | 'paths'> & {
    readonly processes: Processes;
    readonly env: Command['env'];
    readonly rootless: boolean;
    /** From the `image` section of the configuration. */
    readonly suite: string | null;
    readonly mirror: string | null;
    readonly hostSuite: string | null;
  };

/** What it takes to say which base is there. */
export type BaseFacts = Pick<BaseSettings, 'podman' | 'files' | 'paths' | 'installationId' | 'suite' | 'mirror' | 'hostSuite'>;

/** What `base: auto` tries first. */
export const publicBase = 'docker.io/library/debian:13-slim';
const pullTimeoutMs = 10 * 60_000;
/** A registry that does not answer at all should not be waited for when there is another way. */
const firstAnswerTimeoutMs = 60_000;
const bootstrapTimeoutMs = 20 * 60_000;
/** It unmounts what it mounted, and waits for the packages that it is installing. */
const bootstrapKillDelayMs = 60_000;
const suiteDefault = 'bookworm';

/**
 * `base` is `auto`, `bootstrap` or a reference. `auto` stays with what it found the first time, as long as that image is there; with
 * `rebuild: 'all'` the registry or the mirror is asked anew.
 */
export async function ensureBase(base: string, settings: BaseSettings): Promise<BaseImage> {
  const found = settings.rebuild === 'all' ? null : await namedBase(base, settings);
  const { reference, id, content } = found ?? (await madeBase(base, settings));
  return { reference, id, content, family: plainFamily(reference, settings) ?? (await familyOf(settings, { reference, id })) };
}

/** The base as far as it is there; null where it, or what it is made of, is not known yet. Changes nothing. */
export async function findBase(base: string, facts: BaseFacts): Promise<BaseImage | null> {
  const found = await namedBase(base, facts);
  if (found === null) return null;
  const family = plainFamily(found.reference, facts) ?? (await knownFamily(facts, found));
  return family === null ? null : { ...found, family };
}

type NamedBase = Omit<BaseImage, 'family'>;

async function namedBase(base: string, facts: BaseFacts): Promise<NamedBase | null> {
  const references = base === 'auto' ? [publicBase, bootstrapReference(facts)] : [base === 'bootstrap' ? bootstrapReference(facts) : base];
  for (const reference of references) {
    const found = await imageContent(facts, reference);
    if (found !== null) return found;
  }
  return null;
}

/** An image from a registry is known by its id. One made from packages is known by its files, so that it is the same one wherever it is imported. */
async function imageContent(facts: BaseFacts, reference: string): Promise<NamedBase | null> {
  if (reference !== bootstrapReference(facts)) {
    const id = await imageId(facts.podman, reference);
    return id === null ? null : { reference, id, content: id };
  }
  const found = await inspectedImage(facts.podman, reference);
  return found === null ? null : { reference, id: found.id, content: found.layers.join(' ') || found.id };
}

/** What needs no look inside. */
const plainFamily = (reference: string, facts: BaseFacts): PackageFamily | null =>
  reference === publicBase || reference === bootstrapReference(facts) ? 'deb' : null;

async function madeBase(base: string, settings: BaseSettings): Promise<NamedBase> {
  if (base === 'bootstrap') return bootstrapBase(settings);
  if (base !== 'auto') return pulledBase(base, pullTimeoutMs, settings);
  try {
    return await pulledBase(publicBase, firstAnswerTimeoutMs, settings);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'BASE_IMAGE_UNAVAILABLE')) throw error;
    settings.onProgress({
      kind: 'line',
      stage: 'base',
      text: `no registry answers for ${publicBase}: making a base from packages instead`,
    });
    return bootstrapBase(settings);
  }
}

async function pulledBase(reference: string, timeoutMs: number, settings: BaseSettings): Promise<NamedBase> {
  const { podman, onProgress, signal } = settings;
  onProgress({ kind: 'stage', stage: 'base', text: `pulling ${reference}` });
  const { end, stderr } = await podman.attempt(['pull', '--quiet', '--', reference], {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  const found = succeeded(end) ? await imageContent(settings, reference) : null;
  if (found === null)
    throw executorErrors.BASE_IMAGE_UNAVAILABLE({ base: reference, reason: lastLines(textOf(stderr), 1) || describeEnd(end) });
  return found;
}

/** Another suite, mirror or package list is another image. */
const bootstrapHash = ({ suite, mirror, hostSuite }: Pick<BaseFacts, 'suite' | 'mirror' | 'hostSuite'>): string =>
  hashOf(['bootstrap 2', suite ?? hostSuite ?? suiteDefault, mirror ?? '', ...basePackages]);

const bootstrapReference = (facts: BaseFacts): string => imageReference(facts.installationId, 'bootstrap', bootstrapHash(facts));

/** Where the archive that a bootstrap base is imported from is kept. */
export const bootstrapArchive = (facts: Pick<BaseFacts, 'paths' | 'suite' | 'mirror' | 'hostSuite'>): string =>
  join(facts.paths.images, `bootstrap-${bootstrapHash(facts).slice(0, 16)}.tar`);

/** The archive is kept beside the state, so that making the image again (other storage, cleaned up) needs no mirror. */
async function bootstrapBase(settings: BaseSettings): Promise<NamedBase> {
  const { podman, files, paths, installationId, onProgress, signal } = settings;
  const reference = bootstrapReference(settings);
  const archive = bootstrapArchive(settings);
  await files.ensureDirectory(paths.images);
  if (settings.rebuild === 'all' || (await files.stat(archive)) === null) await makeArchive(archive, settings);

  onProgress({ kind: 'stage', stage: 'base', text: `importing ${basename(archive)}` });
  const labels = { ...installationLabels(installationId), [labelNames.layer]: 'bootstrap' };
  const changes = Object.entries(labels).map(([key, value]) => `--change=LABEL ${key}=${value}`);
  const args = ['import', '--quiet', ...changes, '--change=CMD ["/bin/bash"]', '--', archive, reference];
  const outcome = await podman.attempt(args, { timeoutMs: pullTimeoutMs, ...(signal === undefined ? {} : { signal }) });
  const found = succeeded(outcome.end) ? await imageContent(settings, reference) : null;
  if (found === null) throw podmanFailure(args, outcome);
  return found;
}

/** Written under another name and renamed, so that an archive that is there is whole. */
async function makeArchive(archive: string, settings: BaseSettings): Promise<void> {
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
function toolsFor({ rootless }: BaseSettings, release: string, archive: string, mirror: string | null): readonly Tool[] {
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
