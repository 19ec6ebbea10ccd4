/** Builds one layer with podman, unless an image of the same content is there. */
import type { EngineProfile } from '../engine-profile/engine-profile.ts';
import { executorErrors } from '../errors.ts';
import { installationLabels, labelNames } from '../labels.ts';
import { lastLines, podmanFailure, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { describeEnd, type OpenProcess, type ProcessEnd } from '../processes.ts';
import type { OnProgress } from '../progress.ts';
import { tarStream, type TarMember } from '../tar.ts';
import { caInContainer } from './certificates.ts';
import type { BuildContext } from './layers.ts';

export type BuildSettings = {
  readonly podman: Podman;
  readonly engine: EngineProfile;
  readonly installationId: string;
  readonly onProgress: OnProgress;
  /** The host's certificate authorities; null where it has none. */
  readonly caBundle: string | null;
  readonly signal?: AbortSignal;
};

const buildTimeoutMs = 30 * 60_000;

/** The image's reference. Two installations never share one: the name carries the installation's id. */
export const imageReference = (installationId: string, repository: string, contentHash: string): string =>
  `localhost/terok/${installationId.slice(0, 8)}/${repository}:${contentHash.slice(0, 16)}`;

export async function imageId(podman: Podman, reference: string): Promise<string | null> {
  const args = ['image', 'inspect', '--format={{.Id}}', '--', reference];
  const outcome = await podman.attempt(args);
  if (succeeded(outcome.end)) return textOf(outcome.stdout).trim();
  if (/no such image|image not known|failed to find image|unable to find/i.test(textOf(outcome.stderr))) return null;
  throw podmanFailure(args, outcome);
}

/** An image is fresh when its reference, which is its content hash, exists. A failed build leaves no tag. */
export async function buildLayer(
  context: BuildContext,
  { rebuild, ...settings }: BuildSettings & { readonly rebuild: boolean },
  /** More members of the context, made while it is sent: they may be large. */
  members: AsyncIterable<TarMember> | readonly TarMember[] = [],
): Promise<{ readonly reference: string; readonly built: boolean }> {
  const { podman, installationId, onProgress } = settings;
  const reference = imageReference(installationId, context.layer.toLowerCase(), context.contentHash);
  if (!rebuild && (await imageId(podman, reference)) !== null) return { reference, built: false };

  onProgress({ kind: 'stage', stage: context.layer, text: `building ${reference}` });
  const labels = { ...installationLabels(installationId), [labelNames.content]: context.contentHash, [labelNames.layer]: context.layer };
  const args = [
    'build',
    `--tag=${reference}`,
    '--file=Containerfile',
    '--pull=never',
    '--network=host',
    '--force-rm',
    // One image and no unnamed steps of it: everything that is left carries our labels.
    '--layers=false',
    '--no-cache',
    ...settings.engine.ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    ...(settings.caBundle === null ? [] : [`--volume=${settings.caBundle}:${caInContainer}:ro`]),
    '-',
  ];
  const own = Object.entries({ Containerfile: context.containerfile, ...context.files }).map(([name, content]) => ({ name, content }));
  const input = tarStream(own, members);
  const { end, last } = await followed(
    podman.open(args, { input, timeoutMs: buildTimeoutMs, ...(settings.signal === undefined ? {} : { signal: settings.signal }) }),
    context.layer,
    onProgress,
  );
  if (!succeeded(end)) {
    const at = failedLine(context.containerfile, last);
    throw executorErrors.IMAGE_BUILD_FAILED({ layer: context.layer, at, how: describeEnd(end), lastLines: last });
  }
  return { reference, built: true };
}

/** The line of the Containerfile that podman was at when it gave up: it names the step, in quotes. Null when it names none. */
export function failedLine(containerfile: string, said: string): { readonly line: number; readonly text: string } | null {
  const step = /building at STEP "([^\n]*)": /.exec(said)?.[1];
  if (step === undefined) return null;
  const index = containerfile
    .split('\n')
    .findIndex((text) => text !== '' && (text === step || text.startsWith(step) || step.startsWith(text)));
  return index === -1 ? null : { line: index + 1, text: step.slice(0, 120) };
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
