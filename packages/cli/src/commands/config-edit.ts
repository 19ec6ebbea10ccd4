import { configMaxBytes, configTextProblems, printable, readText, writeConfigText } from '@terok/sandbox';
import { editText } from '../editor.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { problemText } from '../output/problem-text.ts';

/** Sections with mistakes can be edited; a file that is no YAML at all stops every command, this one too, and the error names its place. */
export async function runConfigEdit(invocation: Invocation): Promise<void> {
  const ctx = await invocation.engine();
  const file = ctx.paths.overrideConfigFile ?? ctx.paths.userConfigFile;
  const was = (await readText(ctx.files, file, { maxBytes: configMaxBytes })) ?? '';
  const written = await editText(invocation, ctx, {
    text: was,
    fileName: 'config.yml',
    mendable: ['CONFIG_TEXT_INVALID'],
    async write(text) {
      const problems = configTextProblems(text, file).filter(({ severity }) => severity === 'error');
      if (problems.length > 0) throw cliErrors.CONFIG_TEXT_INVALID({ problems: problems.map(problemText) });
      await writeConfigText(ctx, { text, was });
      return file;
    },
  });
  invocation.note.say(written === null ? 'Nothing was changed.' : `Changed ${printable(file)}`);
}
