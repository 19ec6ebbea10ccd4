import { dirname } from 'node:path';
import { configMaxBytes, configTextProblems, printable, writeConfigText } from '@terok/sandbox';
import { editText } from '../dialog/editor.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { problemText } from '../output/problem-text.ts';

/** Opens the file whatever is in it: one that stops every other command is the one that needs this. A link leads to the file that is edited. */
export async function runConfigEdit(invocation: Invocation): Promise<void> {
  const host = await invocation.world.openBareHost();
  const file = await invocation.world.realPath(host.paths.overrideConfigFile ?? host.paths.userConfigFile);
  const was = (await host.files.read(file, { maxBytes: configMaxBytes })) ?? new Uint8Array();
  const written = await editText(invocation, host, {
    content: was,
    directory: dirname(file),
    fileName: 'config.yml',
    check(text) {
      const mistakes = configTextProblems(text, file).filter(({ severity }) => severity === 'error');
      if (mistakes.length > 0) throw cliErrors.CONFIG_TEXT_INVALID({ problems: mistakes.map(problemText) });
    },
    async write(text) {
      await writeConfigText({ ...host, paths: { ...host.paths, overrideConfigFile: file } }, { text, was });
      return file;
    },
  });
  invocation.note.say(written === null ? 'Nothing was changed.' : `Changed ${printable(file)}`);
}
