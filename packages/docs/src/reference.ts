/** Every file of the reference, by its path below `reference/`. */
import { executorErrors } from '@terok/executor';
import { lifecycleErrors } from '@terok/lifecycle-daemon';
import { ProjectFile, projectErrors, taskErrors } from '@terok/orchestration';
import { sandboxErrors, z } from '@terok/sandbox';
import { cliErrors, commandReference, jsonReference, manPage } from 'terok';
import { commandsPage } from './command-reference.ts';
import { errorReference, exitCodeReference } from './error-reference.ts';
import { jsonPage } from './json-reference.ts';
import { schemaPage, type JsonSchema } from './schema-reference.ts';

export async function referenceFiles(configSchema: JsonSchema): Promise<ReadonlyMap<string, string>> {
  const projectSchema = z.toJSONSchema(ProjectFile, { io: 'input' });
  const commands = await commandReference();
  const outputs = (await jsonReference()).map(({ words, schema }) => ({
    words,
    file: `json/${words.split(' ').slice(1).join('-')}.schema.json`,
    schema: schema as JsonSchema,
  }));
  return new Map([
    ['cli.md', commandsPage(commands)],
    ['terok.1', manPage(commands)],
    [
      'errors.md',
      errorReference({
        terok: [cliErrors],
        orchestration: [projectErrors, taskErrors],
        'lifecycle-daemon': [lifecycleErrors],
        executor: [executorErrors],
        sandbox: [sandboxErrors],
      }),
    ],
    ['exit-codes.md', exitCodeReference()],
    [
      'config.md',
      schemaPage(
        'config.yml',
        'Settings of an installation. `terok config paths` shows where the files are; a key that is left out has its default.',
        configSchema,
      ),
    ],
    [
      'project.md',
      schemaPage(
        'project.yml',
        'A project: a repository and the policy its tasks run under. What it leaves out comes from config.yml.',
        projectSchema as JsonSchema,
      ),
    ],
    ['project.schema.json', document(projectSchema)],
    ['json.md', jsonPage(outputs)],
    ...outputs.map(({ file, schema }) => [file, document(schema)] as const),
  ]);
}

const document = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
