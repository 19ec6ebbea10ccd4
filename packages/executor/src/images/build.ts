/** Builds one layer with podman. What a build that was cut short leaves is found by its name, and cleared away. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { LockContext, Paths } from '@terok/sandbox';
import { z } from '@terok/sandbox';
import type { EngineProfile } from '../engine-profile/engine-profile.ts';
import { executorErrors } from '../errors.ts';
import { installationLabels, labelNames } from '../labels.ts';
import { lastLines, podmanFailure, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { describeEnd, type OpenProcess, type ProcessEnd } from '../processes.ts';
import type { OnProgress } from '../progress.ts';
import { tarStream, type TarMember } from '../tar.ts';
import type { BuildPrograms } from './build-programs.ts';
import { aliasOf, buildsDirectory, clearBuild } from './build-remains.ts';
import { caInContainer, caVariables } from './certificates.ts';
import { instructionsOf, singleBlanks } from './containerfile.ts';
import { readJson } from './image-list.ts';
import type { BuildContext } from './layers.ts';

/** What is built although an image of the same content is there: nothing, our own layers, or also the base, from packages that are fetched anew. */
export type Rebuild = 'stale' | 'layers' | 'all';

export type BuildSettings = LockContext & {
  readonly podman: Podman;
  readonly engine: EngineProfile;
  readonly installationId: string;
  readonly paths: Pick<Paths, 'images'>;
  readonly rebuild: Rebuild;
  readonly onProgress: OnProgress;
  /** The host's certificate authorities; null where it has none. */
  readonly caBundle: string | null;
  readonly buildPrograms: BuildPrograms;
  readonly signal?: AbortSignal;
};

const buildTimeoutMs = 30 * 60_000;

/** The image's reference. Two installations never share one: the name carries the installation's id. */
export const imageReference = (installationId: string, repository: string, contentHash: string): string =>
  `localhost/terok/${installationId.slice(0, 8)}/${repository}:${contentHash.slice(0, 16)}`;

export const layerReference = (installationId: string, { layer, contentHash }: Pick<BuildContext, 'layer' | 'contentHash'>): string =>
  imageReference(installationId, layer.toLowerCase(), contentHash);

export async function imageId(podman: Podman, reference: string): Promise<string | null> {
  return (await inspectedImage(podman, reference))?.id ?? null;
}

export type InspectedImage = { readonly id: string; /** Digests, the lowest first. */ readonly layers: readonly string[] };

export async function inspectedImage(podman: Podman, reference: string): Promise<InspectedImage | null> {
  return (await inspectedImages(podman, [reference]))?.[0] ?? null;
}

/** All of them in one question, in the order in which they were asked for; null when one of them is not there. */
export async function inspectedImages(podman: Podman, references: readonly string[]): Promise<readonly InspectedImage[] | null> {
  const args = ['image', 'inspect', '--format={{.Id}}\t{{json .RootFS.Layers}}', '--', ...references];
  const outcome = await podman.attempt(args);
  if (succeeded(outcome.end)) {
    const lines = textOf(outcome.stdout)
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.length === references.length ? lines.map(inspectedLine) : null;
  }
  if (/no such image|image not known|failed to find image|unable to find/i.test(textOf(outcome.stderr))) return null;
  throw podmanFailure(args, outcome);
}

function inspectedLine(line: string): InspectedImage {
  const [id = '', layers = ''] = line.trim().split('\t');
  return { id, layers: readJson('image inspect', z.nullable(z.array(z.string())), layers) ?? [] };
}

export type LayerOptions = {
  /** The image that the layer stands on. */
  readonly from: string;
  readonly labels: Readonly<Record<string, string>>;
  /** More members of the context, made while it is sent: they may be large. */
  readonly members?: AsyncIterable<TarMember> | readonly TarMember[];
};

/** To be called by whoever holds the lock of builds. A build that fails leaves no tag, and nothing else. */
export async function buildLayer(
  context: BuildContext,
  { from, labels, members = [] }: LayerOptions,
  settings: BuildSettings,
): Promise<string> {
  const { podman, installationId, onProgress, files } = settings;
  const reference = layerReference(installationId, context);
  onProgress({ kind: 'stage', stage: context.layer, text: `building ${reference}` });
  const alias = aliasOf(installationId, context.contentHash);
  const temporary = join(buildsDirectory(settings.paths), randomUUID());
  await files.ensureDirectory(temporary);
  await podman.run(['tag', '--', from, alias]);
  try {
    const own = Object.entries({ Containerfile: context.containerfile, ...context.files }).map(([name, content]) => ({ name, content }));
    const child = podman.open(buildArgs(context, { reference, alias, labels }, settings), {
      input: tarStream(own, members),
      env: { TMPDIR: temporary },
      timeoutMs: buildTimeoutMs,
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
    });
    const { end, last } = await followed(child, context.layer, onProgress);
    if (succeeded(end)) return reference;
    throw executorErrors.IMAGE_BUILD_FAILED({
      layer: context.layer,
      at: failedLine(context, last),
      how: describeEnd(end),
      lastLines: last,
    });
  } finally {
    await clearBuild(settings);
  }
}

type BuildNames = { readonly reference: string; readonly alias: string; readonly labels: Readonly<Record<string, string>> };

function buildArgs(
  context: BuildContext,
  { reference, alias, labels }: BuildNames,
  { installationId, engine, caBundle }: BuildSettings,
): readonly string[] {
  const all = {
    ...installationLabels(installationId),
    [labelNames.content]: context.contentHash,
    [labelNames.layer]: context.layer,
    ...labels,
  };
  return [
    'build',
    `--tag=${reference}`,
    `--from=${alias}`,
    '--file=Containerfile',
    '--pull=never',
    '--network=host',
    '--force-rm',
    // One image and no unnamed steps of it: everything that is left carries our labels.
    '--layers=false',
    '--no-cache',
    ...engine.ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`),
    ...Object.entries(all).map(([key, value]) => `--label=${key}=${value}`),
    ...(caBundle === null ? [] : [`--volume=${caBundle}:${caInContainer}:ro`]),
    ...(caBundle === null || context.layer !== 'L2' ? [] : caVariables.map((name) => `--build-arg=${name}=${caInContainer}`)),
    '-',
  ];
}

export type FailedLine = { readonly source: string; readonly line: number; readonly text: string };

/** The line that podman was at when it gave up: it names the step, in quotes. Null when it names none of ours. */
export function failedLine({ containerfile, sources }: Pick<BuildContext, 'containerfile' | 'sources'>, said: string): FailedLine | null {
  const step = singleBlanks(/building at STEP "(.*)": /.exec(said)?.[1] ?? '');
  if (step === '') return null;
  // podman may add to a step what it made of it.
  const instructions = instructionsOf(containerfile);
  const found = instructions.find(({ text }) => text === step) ?? instructions.findLast(({ text }) => step.startsWith(`${text} `));
  if (found === undefined) return null;
  const text = step.slice(0, 120);
  const source = sources.find(({ firstLine, lastLine }) => firstLine <= found.line && found.line <= lastLine);
  return source === undefined
    ? { source: 'its Containerfile', line: found.line, text }
    : { source: source.name, line: found.line - source.firstLine + 1, text };
}

/** Hands each line on as it comes and keeps the last ones for an error. */
export async function followed(
  { output, ended }: OpenProcess,
  stage: string,
  onProgress: OnProgress,
): Promise<{ readonly end: ProcessEnd; readonly last: string }> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const rest = { stdout: '', stderr: '' };
  let last: readonly string[] = [];
  const say = (line: string) => {
    const text = lastLines(line, 1);
    if (text === '') return;
    last = [...last.slice(-19), text];
    onProgress({ kind: 'line', stage, text });
  };
  for await (const { stream, bytes } of output) {
    const lines = (rest[stream] + decoders[stream].decode(bytes, { stream: true })).split(/\r?\n|\r/);
    rest[stream] = lines.pop() ?? '';
    for (const line of lines) say(line);
  }
  say(rest.stdout);
  say(rest.stderr);
  return { end: await ended, last: last.join('\n') };
}
