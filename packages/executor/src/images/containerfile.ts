/** A Containerfile as the instructions it is made of. Pure. */

export type Instruction = {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** In capitals: `RUN`. */
  readonly keyword: string;
  /** On one line, with single blanks: `RUN make && make install`. */
  readonly text: string;
  /** The text ended with a backslash, so that whatever comes next would belong to it. */
  readonly unfinished: boolean;
};

/** As podman reads it: comments and blank lines count for nothing, not even inside of an instruction. */
export function instructionsOf(containerfile: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: { readonly line: number; readonly parts: string[] } | null = null;
  for (const [index, line] of containerfile.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const continued = /\\[ \t]*$/.test(line);
    open ??= { line: index + 1, parts: [] };
    open.parts.push(continued ? line.replace(/\\[ \t]*$/, '') : line);
    if (continued) continue;
    found.push(instruction(open, false));
    open = null;
  }
  return open === null ? found : [...found, instruction(open, true)];
}

function instruction({ line, parts }: { readonly line: number; readonly parts: readonly string[] }, unfinished: boolean): Instruction {
  const text = singleBlanks(parts.join(' '));
  return { line, keyword: (text.split(' ', 1)[0] ?? '').toUpperCase(), text, unfinished };
}

export const singleBlanks = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
