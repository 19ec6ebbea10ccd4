/** The little Markdown that the reference is made of. */

const generatedNotice = '<!-- Generated: change what it is printed from and run `pnpm docs`. -->';

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headings), `|${' --- |'.repeat(headings.length)}`, ...rows.map(line)].join('\n');
}

export function page(title: string, introduction: string, ...sections: readonly string[]): string {
  return `${[generatedNotice, `# ${title}`, introduction, ...sections].join('\n\n')}\n`;
}

export const codeBlock = (text: string): string => ['```text', text.trimEnd(), '```'].join('\n');

/** In a cell a bar would end it and a line end would end the table. */
const cell = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\n+/g, '<br>').trim();
