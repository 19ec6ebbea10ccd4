/** Images as callers ask for them: by the names of agents, on this host as it is configured. */
import { agentNamed, loadRoster } from '../agents/roster.ts';
import { hostArchitecture, readHostText } from '../engine-profile/node-host-facts.ts';
import { executorErrors } from '../errors.ts';
import type { ExecutorContext } from '../executor-context.ts';
import type { OnProgress } from '../progress.ts';
import { buildAgentImage, findAgentImage, type AgentImage, type FoundImage, type ImageFacts } from './agent-image.ts';
import type { Rebuild } from './build.ts';
import { hostCaBundle } from './certificates.ts';
import { osRelease, packageFamily } from './package-family.ts';
import { snippetProblems, type Snippet } from './snippet.ts';

export type AgentImageOptions = {
  readonly agents: readonly string[];
  readonly base: string;
  /** What a project adds, as `writtenSnippets` and `snippetProblems` let it pass. */
  readonly snippets?: readonly Snippet[];
  /** `stale` when left out. */
  readonly rebuild?: Rebuild;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
};

/** The image that tasks with these agents run in, built when it is missing or stale. */
export async function ensureAgentImage(
  ctx: ExecutorContext,
  { agents, base, snippets = [], rebuild = 'stale', onProgress, signal }: AgentImageOptions,
): Promise<AgentImage> {
  if (!('profile' in ctx.engine)) throw executorErrors.ENGINE_UNKNOWN({});
  const problems = snippets.flatMap(snippetProblems).map(({ snippet, line, message }) => `${snippet}, line ${line}: ${message}`);
  if (problems.length > 0) throw executorErrors.IMAGE_SNIPPET_INVALID({ problems });
  const roster = await loadRoster(ctx);
  const wish = { base, snippets, agents: agents.map((name) => agentNamed(roster, name)) };
  return buildAgentImage(wish, {
    ...(await imageFacts(ctx)),
    clock: ctx.clock,
    processes: ctx.processes,
    env: ctx.env,
    buildPrograms: ctx.buildPrograms,
    rebuild,
    caBundle: await hostCaBundle(ctx.files, ctx.env),
    engine: ctx.engine.profile,
    rootless: ctx.engine.profile.rootless,
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What `ensureAgentImage` would come to now; null when the base is not there yet. Builds and pulls nothing. */
export async function agentImageNow(
  ctx: ExecutorContext,
  { agents, base, snippets = [] }: Pick<AgentImageOptions, 'agents' | 'base' | 'snippets'>,
): Promise<FoundImage | null> {
  const roster = await loadRoster(ctx);
  return findAgentImage({ base, snippets, agents: agents.map((name) => agentNamed(roster, name)) }, await imageFacts(ctx));
}

/** What images of this host depend on beside what they are to hold. */
export async function imageFacts(ctx: ExecutorContext): Promise<ImageFacts> {
  const { podman, files, paths, installationId } = ctx;
  const { suite, mirror } = ctx.config.image;
  const hostRelease = osRelease((await readHostText('/etc/os-release')) ?? '');
  const isDebian = packageFamily(hostRelease) === 'deb';
  // Of a host's own release the packages are certain to have a mirror.
  const hostSuite = isDebian ? (hostRelease.get('VERSION_CODENAME') ?? null) : null;
  return { podman, files, paths, installationId, architecture: hostArchitecture, suite, mirror, hostSuite };
}
