/** What is wrong with the pages that people write: commands that terok does not know, links that lead nowhere, files that would be refused. */
import { dirname, join } from 'node:path/posix';
import type { CodeBlock, MarkdownPage } from './markdown-page.ts';
import { shellCommands } from './shell-commands.ts';

export type PageProblem = { readonly file: string; readonly line: number; readonly problem: string };

/** By their paths from the top of the repository. */
export type Pages = ReadonlyMap<string, MarkdownPage>;

/** Each `terok …` of the fenced `sh` blocks, as `judge` finds it: null is well. */
export async function commandProblems(
  pages: Pages,
  judge: (words: readonly string[]) => Promise<string | null>,
): Promise<readonly PageProblem[]> {
  const found: PageProblem[] = [];
  for (const [file, page] of pages)
    for (const block of page.code.filter(({ language }) => language === 'sh'))
      for (const { words, line } of commandsIn(block)) {
        const problem = 'problem' in words ? words.problem : await judge(words);
        if (problem !== null) found.push({ file, line: block.line + line - 1, problem: shown(words, problem) });
      }
  return found;
}

type TerokCommand = { readonly words: readonly string[] | { readonly problem: string }; readonly line: number };

/** The words behind `terok`, wherever it lies. */
function commandsIn({ text }: CodeBlock): readonly TerokCommand[] {
  try {
    return shellCommands(text)
      .filter(({ words: [program = ''] }) => program === 'terok' || program.endsWith('/terok'))
      .map(({ words, line }) => ({ words: words.slice(1), line }));
  } catch (error) {
    if (error instanceof SyntaxError) return [{ words: { problem: error.message }, line: 1 }];
    throw error;
  }
}

const shown = (words: TerokCommand['words'], problem: string) =>
  'problem' in words ? `this is no shell script: ${problem}` : `\`terok ${words.join(' ')}\`: ${problem}`;

/** Relative links lead to a file, and their anchors to a heading. `exists` answers for what is no page. */
export function linkProblems(pages: Pages, exists: (path: string) => boolean): readonly PageProblem[] {
  return [...pages].flatMap(([file, { links }]) =>
    links.flatMap(({ target, line }) => {
      const problem = linkProblem(pages, exists, file, target);
      return problem === null ? [] : [{ file, line, problem: `the link \`${target}\` ${problem}` }];
    }),
  );
}

function linkProblem(pages: Pages, exists: (path: string) => boolean, file: string, target: string): string | null {
  if (/^(?:https?|mailto):/.test(target)) return null;
  if (target.startsWith('/')) return 'is not relative';
  const [path = '', anchor] = decodeURI(target).split('#', 2);
  const to = path === '' ? file : join(dirname(file), path);
  const page = pages.get(to);
  if (page === undefined && !exists(to)) return 'leads to nothing';
  return anchor === undefined || page?.anchors.has(anchor) === true ? null : 'names a heading that is not there';
}

/** Blocks of YAML say in their first line which file they are; `judge` answers with what is wrong in such a file. */
export async function fileProblems(
  pages: Pages,
  judge: (name: string, text: string) => Promise<readonly string[]>,
): Promise<readonly PageProblem[]> {
  const found: PageProblem[] = [];
  for (const [file, { code }] of pages)
    for (const { text, line } of code.filter(({ language }) => language === 'yaml')) {
      const name = /^# (\S+)/.exec(text)?.[1];
      const problems = name === undefined ? ['the first line of this YAML does not say which file it is'] : await judge(name, text);
      found.push(...problems.map((problem) => ({ file, line, problem })));
    }
  return found;
}
