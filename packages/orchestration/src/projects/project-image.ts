/** Which image the tasks of a project run in, and whether it is there: asked by launches, by builds, and by whoever tidies up. */
import {
  agentImageNow,
  ensureAgentImage,
  writtenSnippets,
  type AgentImage,
  type AgentImageOptions,
  type FoundImage,
  type Snippet,
} from '@terok/executor';
import { readText, TerokError } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { getTasks } from '../tasks/query.ts';
import type { ProjectConfig } from './project-config.ts';
import { listProjects } from './projects.ts';

export type BuildOptions = Pick<AgentImageOptions, 'rebuild' | 'onProgress' | 'signal'>;

/** The image that a task of the project with this agent runs in, built when it is missing or stale. */
export async function ensureProjectImage(
  ctx: TaskContext,
  project: ProjectConfig,
  agent: string,
  options: BuildOptions,
): Promise<AgentImage> {
  return ensureAgentImage(ctx, { ...(await imageOf(ctx, project, agent)), ...options });
}

/** The same image as far as it is known now; builds nothing. Null when its base is not there yet. */
export async function projectImageNow(ctx: TaskContext, project: ProjectConfig, agent: string): Promise<FoundImage | null> {
  return agentImageNow(ctx, await imageOf(ctx, project, agent));
}

export type NeededImages = {
  /** Reference of a layer, or of the base → who needs it: names of projects, and `terok` itself. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** Projects whose images are not known: what they say cannot be read. */
  readonly unclear: readonly string[];
};

/** Whom the image of `terok setup` is for. */
const terokItself = 'terok';

/** Every image that would be launched now: for the agent of each project, for those of its tasks, and for looking at a workspace. */
export async function neededImages(ctx: TaskContext): Promise<NeededImages> {
  const users = new Map<string, Set<string>>();
  const unclear: string[] = [];
  const need = (user: string, found: FoundImage | null) => {
    for (const reference of found?.references ?? []) users.set(reference, (users.get(reference) ?? new Set()).add(user));
  };
  need(terokItself, await agentImageNow(ctx, { agents: ['shell'], base: ctx.config.image.base }));
  for (const entry of await listProjects(ctx)) {
    try {
      if ('problems' in entry) unclear.push(entry.id);
      else for (const found of await imagesOf(ctx, entry.project)) need(entry.id, found);
    } catch (error) {
      // An agent that is gone or wrong, a snippet that is not there: a launch would say so.
      if (!(error instanceof TerokError)) throw error;
      unclear.push(entry.id);
    }
  }
  return { users: new Map([...users].map(([reference, names]) => [reference, [...names]])), unclear };
}

async function imagesOf(ctx: TaskContext, project: ProjectConfig): Promise<readonly (FoundImage | null)[]> {
  const agents = new Set([project.agent, ...(await getTasks(ctx, project.id)).flatMap(({ agent }) => agent ?? [])]);
  return [
    await agentImageNow(ctx, { agents: ['shell'], base: project.base }),
    ...(await Promise.all([...agents].map((agent) => projectImageNow(ctx, project, agent)))),
  ];
}

async function imageOf(ctx: TaskContext, project: ProjectConfig, agent: string) {
  return { agents: [agent], base: project.base, snippets: await snippetsOf(ctx, project) };
}

const snippetMaxBytes = 256 * 1024;

async function snippetsOf(ctx: TaskContext, { id, snippet: { file, text } }: ProjectConfig): Promise<readonly Snippet[]> {
  const read = file === null ? null : await readText(ctx.files, file, { maxBytes: snippetMaxBytes, followLink: true });
  if (file !== null && read === null) throw projectErrors.PROJECT_SNIPPET_MISSING({ project: id, path: file });
  return writtenSnippets([
    ...(file === null || read === null ? [] : [{ name: file, text: read }]),
    ...(text === null ? [] : [{ name: 'image.snippet', text }]),
  ]);
}
