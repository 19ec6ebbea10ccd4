/** Asks what a project needs to know, shows it, and adds it. */
import { basename, join } from 'node:path';
import { loadRoster } from '@terok/executor';
import { isProjectId, listProjects, projectAdd, projectErrors, reachRepository, type TaskContext } from '@terok/orchestration';
import { printable, sizeBytes, TerokError } from '@terok/sandbox';
import { chosenAgent } from '../dialog/choose-agent.ts';
import { ask, canAsk, choose } from '../dialog/dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { parseDuration } from '../output/duration.ts';

export async function runProjectWizard(invocation: Invocation, _: Record<never, never>, named?: string): Promise<void> {
  if (!canAsk(invocation.world)) throw cliErrors.WIZARD_NEEDS_TERMINAL({});
  const ctx = await invocation.engine();
  const taken = new Set((await listProjects(ctx)).map(({ id }) => id));
  if (named !== undefined) refuseName(ctx, named, taken);

  const repository = await reached(invocation, async () => {
    const answer = await ask(invocation, 'Which repository? A directory, or a URL', { initial: '.', check: notEmpty });
    return reachRepository(ctx, named ?? 'new', { repository: answer });
  });
  const projectId = named ?? (await askedName(invocation, repository, taken));
  const branch = await reached(invocation, async () => {
    const answer = (await ask(invocation, branchQuestion, { example: 'main' })).trim();
    if (answer !== '') await reachRepository(ctx, projectId, { repository, branch: answer });
    return answer;
  });
  const agent = await chosenAgent(invocation, await loadRoster(ctx), { question: 'Which agent does the work?' });
  const network = await choose<'none' | 'open'>(invocation, 'What may its containers reach?', [
    { value: 'none', label: 'none', hint: 'no network: nothing can leave' },
    { value: 'open', label: 'open', hint: 'everything: what an agent can read, it can send out' },
  ]);
  const memory = await askedLimit(invocation, 'Most memory of one task?', ctx.config.limits.memory, memoryProblem);
  const cpus = await askedLimit(invocation, 'Most processors of one task?', ctx.config.limits.cpus, cpusProblem);
  const seconds = parseDuration(await ask(invocation, timeQuestion, { check: timeProblem, example: '2h' }));

  const project = await projectAdd(ctx, projectId, {
    repository,
    network,
    run: { agent, ...(seconds === null ? {} : { time_limit: seconds }) },
    ...(branch === '' ? {} : { branch }),
    ...(memory === null && cpus === null ? {} : { limits: { ...(memory === null ? {} : { memory }), ...(cpus === null ? {} : { cpus }) } }),
  });
  invocation.note.say(`Added project ${project.id}: ${printable(project.file)}`);
  invocation.note.hint(
    `Start a task with \`terok task run ${project.id} --prompt TEXT\`; change it with \`terok project edit ${project.id}\`.`,
  );
}

const branchQuestion = 'Which branch do tasks begin at? Nothing for the one of the repository';
const timeQuestion = 'How long may a task run? Nothing for as long as it takes';

const notEmpty = (text: string) => (text.trim() === '' ? 'It is needed.' : null);
const memoryProblem = (text: string) => (sizeBytes(text) === null ? 'A size such as `512m` or `4g` is expected.' : null);
const cpusProblem = (text: string) =>
  /^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0 ? null : 'A number such as `2` or `0.5` is expected.';
const timeProblem = (text: string) =>
  text === '' || parseDuration(text) !== null ? null : 'A time such as `90s`, `30m` or `1h30m` is expected.';
const nameProblem = (text: string, taken: ReadonlySet<string>) => {
  if (!isProjectId(text)) return 'Lowercase letters, digits, `-` and `_` are expected, at most 40, beginning with a letter or a digit.';
  return taken.has(text) ? `There is a project \`${text}\` already.` : null;
};

function refuseName(ctx: TaskContext, project: string, taken: ReadonlySet<string>): void {
  if (!isProjectId(project)) throw projectErrors.PROJECT_NAME_INVALID({ project });
  if (taken.has(project)) throw projectErrors.PROJECT_EXISTS({ project, file: join(ctx.paths.projects, project, 'project.yml') });
}

/** Asks again where git says no: who has answered one question shall not answer it anew for the sake of another. */
async function reached<T>({ note }: Invocation, asked: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await asked();
    } catch (error) {
      if (!(error instanceof TerokError) || !['REPOSITORY_UNREACHABLE', 'BRANCH_UNKNOWN'].includes(error.code)) throw error;
      note.error(error.message);
      if (error.hint !== undefined) note.hint(error.hint);
    }
  }
}

function askedName(invocation: Invocation, repository: string, taken: ReadonlySet<string>): Promise<string> {
  const suggested = basename(repository, '.git')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-');
  const check = (text: string) => nameProblem(text, taken);
  return ask(invocation, 'What is the project called?', { check, ...(check(suggested) === null ? { initial: suggested } : {}) });
}

/** Null where the answer is what holds anyway. */
async function askedLimit(
  invocation: Invocation,
  question: string,
  initial: string,
  check: (text: string) => string | null,
): Promise<string | null> {
  const answer = await ask(invocation, question, { initial, check });
  return answer === initial ? null : answer;
}
