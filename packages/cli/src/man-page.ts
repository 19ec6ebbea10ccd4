/** The manual page, `man terok`, from the command table: text in, roff out. */
import type { CommandReference } from './reference.ts';
import { exitCodeNote, exitCodes } from './exit-codes.ts';

export function manPage(commands: readonly CommandReference[]): string {
  return [
    '.\\" Printed from the table of commands.',
    '.TH TEROK 1 "" terok "User commands"',
    '.SH NAME',
    text('terok - run AI coding agents unattended in hardened containers'),
    '.SH SYNOPSIS',
    '.B terok',
    '.I COMMAND',
    '.RI [ ARGUMENTS ]\n.RI [ FLAGS ]',
    '.SH DESCRIPTION',
    ...paragraphs(description),
    '.SH COMMANDS',
    ...commands.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...paragraphs([exitCodeNote]),
    ...exitCodes.flatMap(({ code, meaning }) => item(bold(String(code)), meaning)),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH FILES',
    ...files.flatMap(([name, meaning]) => item(italic(name), meaning)),
    '.SH EXAMPLES',
    '.nf',
    ...examples.map(text),
    '.fi',
    '.SH SEE ALSO',
    '.BR podman (1),\n.BR git (1)',
    '',
  ].join('\n');
}

const description: readonly string[] = [
  'A project is a repository and a policy. A task is one unit of work in it: an agent in a container of its own, with its own workspace and its own archive once it is deleted.',
  'A task is named by its project and its ID, or the first characters of that: `PROJECT TASK` and `PROJECT/TASK` mean the same. What is left out is chosen from a list where there is a terminal.',
  'Answers go to the standard output, everything else to the standard error. Commands that print data have `--json`: one document with a published JSON Schema.',
];

const environment: readonly (readonly [string, string])[] = [
  ['TEROK_ROOT', 'Where all state is.'],
  ['TEROK_CONFIG_DIR', 'Where config.yml, projects and agents are.'],
  ['TEROK_CONFIG_FILE', 'The only configuration file that is read.'],
  ['TEROK_RUNTIME_DIR', 'Where sockets are.'],
  ['VISUAL, EDITOR', 'The editor that `terok project edit` and `terok config edit` open; vi when both are unset.'],
  ['NO_COLOR, FORCE_COLOR', 'No colours; colours in pipes too.'],
];

const files: readonly (readonly [string, string])[] = [
  ['~/.config/terok/config.yml', 'Your configuration; `terok config schema` prints what may be in it. Of root: /etc/terok/config.yml.'],
  ['~/.config/terok/projects/PROJECT/project.yml', 'A project.'],
  ['~/.config/terok/agents/AGENT.yaml', 'An agent of your own.'],
  ['~/.local/share/terok/', 'Records, workspaces, archives. Of root: /var/lib/terok. `terok config paths` shows every place.'],
];

const examples: readonly string[] = [
  'terok setup',
  'terok project add demo ~/src/demo',
  "terok run demo --agent shell --prompt './test.sh'",
  'terok diff demo TASK',
  'terok fetch demo TASK',
  'terok rm demo TASK',
];

function commandSection({ words, brief, documentation, shortForm }: CommandReference): readonly string[] {
  const { usages, flags, description: more, arguments: taken } = documentation;
  return [
    `.SS ${quoted(words)}`,
    ...usages.flatMap((usage) => ['.B ' + escaped(words), ...(usage === '' ? [] : [`.I ${escaped(usage)}`]), '.br']),
    '.PP',
    text(`${brief}.`),
    ...paragraphs(more === null ? [] : more.split('\n')),
    ...paragraphs(shortForm === null ? [] : [`Short form: \`${shortForm}\`.`]),
    ...taken.flatMap(({ name, brief: meaning }) => item(italic(name), `${meaning}.`)),
    ...flags.flatMap(({ name, letter, takes, brief: meaning, byDefault }) =>
      item(
        [...(letter === null ? [] : [`${bold(`-${letter}`)},`]), bold(name), ...(takes === null ? [] : [italic(takes)])].join(' '),
        `${meaning}${byDefault === null ? '' : ` (${byDefault} when left out)`}.`,
      ),
    ),
  ];
}

const item = (term: string, meaning: string): readonly string[] => ['.TP', term, text(meaning)];
const paragraphs = (texts: readonly string[]): readonly string[] => texts.flatMap((each) => ['.PP', text(each)]);
const bold = (word: string) => `\\fB${escaped(word)}\\fR`;
const italic = (word: string) => `\\fI${escaped(word)}\\fR`;
const quoted = (words: string) => `"${escaped(words).replaceAll('"', '\\(dq')}"`;

/** What is between backticks is what people type. */
const text = (plain: string) =>
  plain
    .split('`')
    .map((part, index) => (index % 2 === 1 ? bold(part) : escaped(part)))
    .join('')
    .replace(/^(?=['.])/, '\\&');

/** A backslash begins a command of roff, and a bare minus may become a hyphen that nobody can copy. */
const escaped = (plain: string) => plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('`', '\\(ga');
