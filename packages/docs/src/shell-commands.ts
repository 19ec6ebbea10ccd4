/** The simple commands of a shell script, as words: as much of a shell as examples need. Pure. */

export type ShellCommand = {
  readonly words: readonly string[];
  /** Where it begins, counted from 1. */
  readonly line: number;
};

/**
 * Pipes, lists, groups and `$(…)` are looked into; comments, here-documents, redirections and assignments are left out. Variables and
 * patterns stay as they are written. Throws a SyntaxError for a quote or a substitution without an end.
 */
export function shellCommands(script: string): readonly ShellCommand[] {
  const reader: Reader = { script, at: 0, line: 1, hereEnds: [], found: [] };
  readList(reader, null);
  return reader.found.toSorted((a, b) => a.line - b.line);
}

type Reader = { readonly script: string; at: number; line: number; hereEnds: string[]; readonly found: ShellCommand[] };

/** Reads commands up to `end`, or to the end of the script. */
function readList(reader: Reader, end: ')' | '`' | null): void {
  let words: string[] = [];
  let line = reader.line;
  const finish = () => {
    const [first, ...rest] = withoutPrefixes(words);
    if (first !== undefined) reader.found.push({ words: [first, ...rest], line });
    words = [];
  };
  while (reader.at < reader.script.length) {
    const char = reader.script[reader.at] ?? '';
    if (char === end) {
      finish();
      reader.at++;
      return;
    }
    if (char === '\n') {
      finish();
      nextLine(reader);
    } else if (char === '#') skipComment(reader);
    else if (/[;|&()]/.test(char)) {
      finish();
      reader.at++;
    } else if (reader.script.startsWith('\\\n', reader.at)) {
      reader.at++;
      nextLine(reader);
    } else if (/\s/.test(char)) reader.at++;
    else if (redirection(reader) !== null) readRedirection(reader);
    else {
      if (words.length === 0) line = reader.line;
      words.push(readWord(reader));
    }
  }
  if (end !== null) throw new SyntaxError(`a \`${end}\` is missing`);
  finish();
}

/** Past the end of a line and the here-documents that were announced on it. */
function nextLine(reader: Reader): void {
  reader.at++;
  reader.line++;
  for (const end of reader.hereEnds.splice(0)) {
    let line: string;
    do {
      if (reader.at >= reader.script.length) throw new SyntaxError(`the end \`${end}\` of a here-document is missing`);
      const lineEnd = reader.script.indexOf('\n', reader.at);
      line = reader.script.slice(reader.at, lineEnd === -1 ? undefined : lineEnd);
      reader.at += line.length + 1;
      reader.line++;
    } while (line !== end);
  }
}

function skipComment(reader: Reader): void {
  const end = reader.script.indexOf('\n', reader.at);
  reader.at = end === -1 ? reader.script.length : end;
}

/** `2>&1`, `>file`, `<<'EOF'`: the operator at this place. */
function redirection({ script, at }: Reader): string | null {
  return /^\d*(?:<<<|<<-?|<>|>>|>&|<&|>\||<|>)/.exec(script.slice(at, at + 16))?.[0] ?? null;
}

function readRedirection(reader: Reader): void {
  const operator = redirection(reader) ?? '';
  reader.at += operator.length;
  while (reader.script[reader.at] === ' ') reader.at++;
  const word = readWord(reader);
  if (/<<-?$/.test(operator)) reader.hereEnds.push(word);
}

function readWord(reader: Reader): string {
  let word = '';
  while (reader.at < reader.script.length) {
    const char = reader.script[reader.at] ?? '';
    if (/[\s;|&()<>]/.test(char)) break;
    if (char === "'") word += quoted(reader);
    else if (char === '"') word += doubleQuoted(reader);
    else if (char === '\\') {
      word += reader.script[reader.at + 1] ?? '';
      reader.at += 2;
    } else word += readPlain(reader);
  }
  return word;
}

function quoted(reader: Reader): string {
  const end = reader.script.indexOf("'", reader.at + 1);
  if (end === -1) throw new SyntaxError('a quote has no end');
  const text = reader.script.slice(reader.at + 1, end);
  reader.at = end + 1;
  reader.line += text.split('\n').length - 1;
  return text;
}

function doubleQuoted(reader: Reader): string {
  let text = '';
  reader.at++;
  while (reader.script[reader.at] !== '"') {
    const char = reader.script[reader.at];
    if (char === undefined) throw new SyntaxError('a quote has no end');
    if (char === '\\') {
      text += reader.script[reader.at + 1] ?? '';
      reader.at += 2;
    } else text += readPlain(reader);
  }
  reader.at++;
  return text;
}

/** One character, or a substitution, which stands for one word. */
function readPlain(reader: Reader): string {
  if (reader.script.startsWith('$(', reader.at)) {
    reader.at += 2;
    readList(reader, ')');
    return 'SUBSTITUTED';
  }
  const char = reader.script[reader.at] ?? '';
  reader.at++;
  if (char === '`') {
    readList(reader, '`');
    return 'SUBSTITUTED';
  }
  if (char === '\n') reader.line++;
  return char;
}

const keywords = new Set([
  '!',
  '{',
  '}',
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'while',
  'until',
  'do',
  'done',
  'time',
  'exec',
  'env',
  'sudo',
]);

/** What may stand before the name of a program: assignments, and words of the shell. */
function withoutPrefixes(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !keywords.has(word) && !/^[A-Za-z_]\w*=/.test(word));
  return first === -1 ? [] : words.slice(first);
}
