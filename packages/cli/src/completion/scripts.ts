/** What a shell loads once: it asks `terok __complete` with the words up to the cursor and shows what comes. */
import { join } from 'node:path';
import type { Environment } from '@terok/sandbox';
import type { Shell } from './shell.ts';

/** The first words of each script that is ours. */
export const scriptMark = 'Completions of terok';

export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# ${scriptMark} for bash.
_terok() {
  local current=\${COMP_WORDS[COMP_CWORD]} word line
  local -a words=()
  # bash takes \`--flag=value\` apart.
  [[ $current == '=' ]] && current=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == '=' ]] || words+=("$word")
  done
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
      :directories)
        compopt -o filenames
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current") ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(terok __complete "\${words[@]}" "$current" 2> /dev/null)
}
complete -F _terok terok
`,
  zsh: `#compdef terok
# ${scriptMark} for zsh.
_terok() {
  local line
  local -a candidates
  for line in "\${(@f)$(terok __complete "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2> /dev/null)}"; do
    case $line in
      '') ;;
      :files) _files ;;
      :directories) _files -/ ;;
      *) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#candidates )) && _describe -V terok candidates
}
if [[ $funcstack[1] == _terok ]]; then
  _terok "$@"
else
  compdef _terok terok
fi
`,
  fish: `# ${scriptMark} for fish.
function __terok_complete
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set --erase words[1]
    for line in (terok __complete $words "$current" 2> /dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :directories
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete --command terok --no-files --arguments '(__terok_complete)'
`,
};

/** Where each shell looks for the completions of a person. */
export function completionPath(shell: Shell, environment: Environment, home: string): string {
  const place = (variable: string, byDefault: string) => {
    const given = environment[variable];
    return given?.startsWith('/') === true ? given : join(home, byDefault);
  };
  switch (shell) {
    case 'bash':
      return join(place('XDG_DATA_HOME', '.local/share'), 'bash-completion/completions/terok');
    case 'zsh':
      return join(place('XDG_DATA_HOME', '.local/share'), 'zsh/site-functions/_terok');
    case 'fish':
      return join(place('XDG_CONFIG_HOME', '.config'), 'fish/completions/terok.fish');
  }
}
