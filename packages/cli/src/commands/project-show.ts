import { loadProject, type ProjectConfig } from '@terok/orchestration';
import { chosenProject } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { projectJson } from '../json/project-json.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, type Fact } from '../output/facts.ts';
import { setHooks } from '../output/set-hooks.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export async function runProjectShow(invocation: Invocation, { json }: { readonly json?: boolean }, named?: string): Promise<void> {
  const { engine, out } = invocation;
  const projectId = await chosenProject(invocation, named);
  const ctx = await engine();
  const project = await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));
  if (json) return out.json(projectJson(project));
  await out.text(formatFacts(projectFacts(project), out.paint));
}

/** What a project rarely says is only told where it says it. Of secrets only the names: no value is read for this. Pure. */
function projectFacts(project: ProjectConfig): readonly Fact[] {
  const { limits, snippet, gitIdentity } = project;
  const model = [...where('', project.model), ...where('asked at ', project.baseUrl)].join(', ');
  return [
    ['project', project.id],
    ['file', project.file],
    ['repository', project.repository],
    ['branch', project.branch ?? "(the repository's default)"],
    ['base image', project.base],
    ...(snippet.file === null ? [] : [['image snippet', `in ${snippet.file}`] as const]),
    ...lines('image snippet', snippet.text),
    ['agent', project.agent],
    ...(model === '' ? [] : [['model', model] as const]),
    ['commits by', authorText(project.authorship, gitIdentity)],
    ['network', project.network],
    ['secrets', list(Object.keys(project.secrets))],
    ['limits', `memory ${limits.memory}, cpus ${limits.cpus}, pids ${limits.pids}`],
    ['time limit', project.timeLimitSeconds === null ? 'none' : formatDuration(project.timeLimitSeconds)],
    ['relaxations', list(project.relaxations)],
    ...(project.podmanArgs.length === 0 ? [] : [['podman args', project.podmanArgs.join(' ')] as const]),
    ...setHooks(project).map(({ hook, command, timeoutSeconds }): Fact => [
      `hook ${hook}`,
      `${command.join(' ')} (at most ${formatDuration(timeoutSeconds)})`,
    ]),
  ];
}

function authorText(authorship: ProjectConfig['authorship'], identity: ProjectConfig['gitIdentity']): string {
  const person = identity === null ? "the person that this host's git knows" : `${identity.name} <${identity.email}>`;
  switch (authorship) {
    case 'agent':
      return 'the agent';
    case 'human':
      return person;
    case 'agent-human':
      return `the agent as author, ${person} as committer`;
    case 'human-agent':
      return `${person} as author, the agent as committer`;
  }
}

const where = (before: string, text: string | null): readonly string[] => (text === null ? [] : [`${before}${text}`]);
const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** The name stands beside the first line only. */
const lines = (name: string, text: string | null): readonly Fact[] =>
  (text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => [index === 0 ? name : '', line] as const);
