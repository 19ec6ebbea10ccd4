/** What the checks ask of a Markdown file: its title, its headings, its links and its code. Pure. */
import { lexer, walkTokens, type Token } from 'marked';

export type CodeBlock = {
  /** The first word after the fence: `sh`. */
  readonly language: string;
  readonly text: string;
  /** Where its first line is, counted from 1. */
  readonly line: number;
};

export type MarkdownPage = {
  /** The text of its first heading. */
  readonly title: string | null;
  /** What may stand behind the `#` of a link to it. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly target: string; readonly line: number }[];
  readonly code: readonly CodeBlock[];
};

export function markdownPage(source: string): MarkdownPage {
  const text = withoutFrontMatter(source);
  const headings: string[] = [];
  const links: MarkdownPage['links'][number][] = [];
  const code: CodeBlock[] = [];
  let line = 1;
  for (const block of lexer(text)) {
    const from = line;
    void walkTokens([block], (token) => {
      if (token.type === 'heading') headings.push(plainText(token));
      else if (token.type === 'link' || token.type === 'image') links.push({ target: hrefOf(token), line: from });
      else if (token.type === 'code') code.push({ ...fenceOf(token), line: from + 1 });
    });
    line += block.raw.split('\n').length - 1;
  }
  return { title: headings[0] ?? null, anchors: new Set(headings.map(anchorOf)), links, code };
}

/** The lines between two `---` at the very top belong to the generator of the site; they stay as empty lines, so that lines can be counted. */
function withoutFrontMatter(source: string): string {
  return source.replace(/^---\n[\s\S]*?\n---\n/, (matter) => '\n'.repeat(matter.split('\n').length - 1));
}

/** As hosts of Markdown and the generator of the site both make it: a heading where they would differ is in nobody's reach. */
function anchorOf(heading: string): string {
  const hosts = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
  const generators = heading
    .toLowerCase()
    .replaceAll(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/…·→]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return hosts === generators ? hosts : '';
}

function plainText(token: Token): string {
  if ('tokens' in token && token.tokens !== undefined) return token.tokens.map(plainText).join('');
  return 'text' in token && typeof token.text === 'string' ? token.text : '';
}

const hrefOf = (token: Token): string => ('href' in token && typeof token.href === 'string' ? token.href : '');

function fenceOf(token: Token): { readonly language: string; readonly text: string } {
  const language = 'lang' in token && typeof token.lang === 'string' ? (token.lang.split(/\s/, 1)[0] ?? '') : '';
  return { language, text: plainText(token) };
}
