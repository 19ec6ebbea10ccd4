import { dirname } from 'node:path';
import { printable } from '@terok/sandbox';
import { completionPath, completionScripts } from '../completion/scripts.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Shell } from '../completion/shell.ts';

export type CompletionsFlags = { readonly install?: boolean };

export async function runCompletions({ host, out, note, world }: Invocation, { install }: CompletionsFlags, shell: Shell): Promise<void> {
  if (!install) {
    await out.text(completionScripts[shell]);
    return;
  }
  const home = world.environment['HOME'];
  if (home === undefined || home === '') throw cliErrors.HOME_UNKNOWN({});
  const path = completionPath(shell, world.environment, home);
  await (await host()).files.replace(path, completionScripts[shell], { mode: 0o644 });
  note.say(`Wrote ${printable(path)}`);
  note.hint(afterwards(shell, dirname(path)));
}

function afterwards(shell: Shell, directory: string): string {
  switch (shell) {
    case 'bash':
      return 'They work in new shells that load the package `bash-completion`.';
    case 'zsh':
      return `They work in new shells whose \`.zshrc\` has \`fpath=(${directory} $fpath)\` before \`autoload -U compinit && compinit\`.`;
    case 'fish':
      return 'They work in new shells.';
  }
}
