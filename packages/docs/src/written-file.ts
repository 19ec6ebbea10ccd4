/** Whether an example of a file that people write would be taken, as the very rooms say that read such files. */
import { loadRoster } from '@terok/executor';
import { ProjectFile } from '@terok/orchestration';
import { loadConfig, parseYamlWith, TerokError, type ConfigProblem } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';

/** `name` is its path below the folder of the configuration. Nothing wrong: an empty list. */
export async function writtenFileProblems(name: string, text: string): Promise<readonly string[]> {
  const problems = await problemsOf(name, text);
  return problems === null
    ? [`\`${name}\` is no file that terok reads`]
    : problems.map(({ message, path }) => `${name}: ${path}: ${message}`);
}

async function problemsOf(name: string, text: string): Promise<readonly ConfigProblem[] | null> {
  const path = `/etc/terok/${name}`;
  const files = memoryFiles({ [path]: text });
  if (name === 'config.yml')
    return configProblems(() => loadConfig(files, { systemConfigFile: path, userConfigFile: path, overrideConfigFile: null }));
  if (/^projects\/[^/]+\/project\.yml$/.test(name)) {
    const parsed = parseYamlWith(ProjectFile, text, path);
    return 'problems' in parsed ? parsed.problems : [];
  }
  if (/^agents\/[^/]+\.yaml$/.test(name)) {
    const { quarantined } = await loadRoster({ files, paths: { agents: '/etc/terok/agents' } });
    return [...quarantined.values()].flat();
  }
  return null;
}

/** A section that is broken falls back; what is broken beyond that is thrown. */
async function configProblems(load: () => Promise<{ readonly problems: readonly ConfigProblem[] }>): Promise<readonly ConfigProblem[]> {
  try {
    return (await load()).problems;
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return [{ severity: 'error', file: '', line: 1, column: 1, path: '', message: error.message }];
  }
}
