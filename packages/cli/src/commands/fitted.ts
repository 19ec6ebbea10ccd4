/** Help in lines that a terminal of the usual width does not break. */

const usualWidth = 80;

/** Pure: a longer line goes on in the column where its last part began. Styles have no width, and change nothing. */
export const fitted = (help: string): string => help.split('\n').map(fittedLine).join('\n');

function fittedLine(line: string): string {
  const plain = line.replaceAll(styles, '');
  if (plain.length <= usualWidth) return line;

  const indent = hangingIndent(plain);
  const breaks = breaksIn(plain, indent);
  let offset = 0; // in the plain text
  return line
    .split(eachStyle)
    .map((piece, index) => {
      if (index % 2 === 1) return piece;
      const from = offset;
      offset += piece.length;
      return piece
        .split('')
        .map((character, at) => broken(breaks, from + at, { character, indent }))
        .join('');
    })
    .join('');
}

/** Offset of the blanks that a break takes the place of → how many there are. */
type Breaks = ReadonlyMap<number, number>;

function breaksIn(plain: string, indent: number): Breaks {
  const breaks = new Map<number, number>();
  let lineStart = 0;
  for (const { 0: token, index } of plain.matchAll(tokens)) {
    const blanks = token.length - token.trimStart().length;
    if (index === 0 || index + token.length - lineStart <= usualWidth) continue;
    breaks.set(index, blanks);
    lineStart = index + blanks - indent;
  }
  return breaks;
}

function broken(breaks: Breaks, offset: number, { character, indent }: { readonly character: string; readonly indent: number }): string {
  for (const [start, blanks] of breaks) {
    if (offset === start) return `\n${' '.repeat(indent)}${blanks === 0 ? character : ''}`;
    if (offset > start && offset < start + blanks) return '';
  }
  return character;
}

/** Where usage goes on is where the table of commands has it; elsewhere it is under the words that follow a name. */
function hangingIndent(plain: string): number {
  if (/^ +terok /.test(plain)) return 6;
  const [name = ''] = /^ +\S.*? {2,}/.exec(plain) ?? /^ */.exec(plain) ?? [];
  return name.length;
}

/** A word with the blanks before it. A list of choices breaks after each of them; what stands in brackets at the end stays together. */
const tokens = /\s*(?:\[[^[\]]*\]$|[^\s|]+\|?|\|)/g;

const styles = /\u001B\[[\d;]*m/g;
const eachStyle = /(\u001B\[[\d;]*m)/;
