/** The usage line of a command: every flag with its placeholder, then the arguments. */

type UsageFlag = { readonly kind: string; readonly placeholder?: string; readonly values?: readonly string[]; readonly default?: unknown };
type UsageParameters = { readonly flags?: Readonly<Record<string, UsageFlag>> };

/** Wrapped so that no line is wider than this, the command's own words aside. */
const widthMax = 62;

export function usageLine({ flags = {} }: UsageParameters, positional: string): string {
  const words = [positional, ...Object.entries(flags).map(([name, flag]) => `[${flagUsage(name, flag)}]`)].filter((word) => word !== '');
  return words
    .reduce<string[]>((lines, word) => {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > widthMax) return [...lines, word];
      return [...lines.slice(0, -1), `${last} ${word}`];
    }, [])
    .join('\n      ');
}

function flagUsage(name: string, { kind, placeholder, values = [], default: byDefault }: UsageFlag): string {
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  switch (kind) {
    case 'boolean':
      return byDefault === true ? `--no-${flag}` : `--${flag}`;
    case 'enum':
      return `--${flag} ${values.join('|')}`;
    default:
      return `--${flag} ${placeholder ?? 'VALUE'}`;
  }
}
