/** The words before the cursor, taken apart as the command library does. */

export type KnownFlag = { readonly name: string; readonly takesValue: boolean };

export type TypedWords = {
  /** Neither flags nor values of flags. */
  readonly positionals: readonly string[];
  /** Names of flags that were given. */
  readonly used: ReadonlySet<string>;
  /** The flag whose value stands at the cursor. */
  readonly awaiting: string | null;
  /** Whether every word means something. */
  readonly understood: boolean;
};

/** Pure. */
export function typedWords(words: readonly string[], flagOf: (word: string) => KnownFlag | undefined): TypedWords {
  const positionals: string[] = [];
  const used = new Set<string>();
  let awaiting: string | null = null;
  let understood = true;
  const use = (name: string) => {
    understood &&= !used.has(name);
    used.add(name);
  };
  for (const [index, word] of words.entries()) {
    const [name = '', value] = /^--[^=]+=/.test(word) ? word.split('=', 2) : [word];
    const flag = flagOf(name);
    if (awaiting !== null && flag === undefined && word !== '--') awaiting = null;
    else if (awaiting !== null) understood = false;
    else if (word === '--') return { positionals: [...positionals, ...words.slice(index + 1)], used, awaiting, understood: false };
    else if (flag !== undefined && (value === undefined || flag.takesValue)) {
      use(flag.name);
      awaiting = value === undefined && flag.takesValue ? flag.name : null;
    } else if (word.startsWith('-') && word !== '-') understood = false;
    else positionals.push(word);
  }
  return { positionals, used, awaiting, understood };
}

/** `--flag=VALUE` is two words to the library; `before` goes back in front of what comes for the second. */
export function splitFlagValue(typed: readonly string[]): { readonly words: readonly string[]; readonly before: string } {
  const last = typed.at(-1) ?? '';
  const flag = /^--[a-z][a-z-]*(?==)/.exec(last)?.[0];
  if (flag === undefined) return { words: typed.length === 0 ? [''] : typed, before: '' };
  return { words: [...typed.slice(0, -1), flag, last.slice(flag.length + 1)], before: `${flag}=` };
}
