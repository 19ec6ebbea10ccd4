import { ensureAgentImage, withUsableEngine, type AgentImage, type Rebuild } from '@terok/executor';
import { ensureProjectImage, loadProject, type BuildOptions } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { watchAttention } from '../attended/attention.ts';
import { chosenProject } from '../dialog/choose-address.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { ImageBuildJson } from '../json/image-json.ts';
import { withNearestProject } from '../addresses/nearest.ts';
import { progressOn } from '../output/progress.ts';
import { requireSetup } from '../setup-gate.ts';

export type ImageBuildFlags = {
  readonly agent?: string;
  readonly base?: string;
  readonly rebuild?: boolean;
  readonly fullRebuild?: boolean;
  readonly json?: boolean;
};

/** Whoever leaves before the end ends the build: a half-built image is no use to anybody. */
export async function runImageBuild(invocation: Invocation, { json, ...flags }: ImageBuildFlags, named?: string): Promise<void> {
  const { note, out, world } = invocation;
  if (named !== undefined && flags.base !== undefined) throw cliErrors.BUILD_BASE_OF_PROJECT({});
  await requireSetup(invocation, { allowDowngrade: false });
  const projectId = flags.agent === undefined || named !== undefined ? await chosenProject(invocation, named) : null;
  const attention = watchAttention(world, note);
  const signal = AbortSignal.any([attention.interrupt, attention.departure]);
  const rebuild: Rebuild = flags.fullRebuild ? 'all' : flags.rebuild ? 'layers' : 'stale';
  try {
    const options = { onProgress: progressOn(note), rebuild, signal };
    const { agent, image } = await build(invocation, { projectId, agent: flags.agent, base: flags.base }, options);
    const { reference, id, built } = image;
    if (json) return await out.json({ project_id: projectId, agent, image: reference, image_id: id, built } satisfies ImageBuildJson);
    note.say(built ? `Built image ${printable(reference)}.` : `Image ${printable(reference)} is there and fresh.`);
  } catch (error) {
    if (signal.aborted) throw cliErrors.BUILD_INTERRUPTED({}, error);
    throw error;
  } finally {
    attention.end();
  }
}

type Wanted = { readonly projectId: string | null; readonly agent: string | undefined; readonly base: string | undefined };

async function build(
  invocation: Invocation,
  { projectId, agent: named, base }: Wanted,
  options: BuildOptions,
): Promise<{ readonly agent: string; readonly image: AgentImage }> {
  const found = await invocation.engine();
  if (projectId === null) {
    const ctx = await withUsableEngine(found, options);
    const agent = named ?? ctx.config.run.agent;
    return { agent, image: await ensureAgentImage(ctx, { ...options, agents: [agent], base: base ?? ctx.config.image.base }) };
  }
  const project = await withNearestProject(found, projectId, () => loadProject(found, projectId));
  const ctx = await withUsableEngine(found, options);
  const agent = named ?? project.agent;
  return { agent, image: await ensureProjectImage(ctx, project, agent, options) };
}
