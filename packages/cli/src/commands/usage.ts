/** What a row says about itself: its usage line, and the same facts for the man page. */

type UsageFlag = {
  readonly kind: string;
  readonly brief?: string;
  readonly placeholder?: string;
  readonly values?: readonly string[];
  readonly default?: unknown;
  readonly optional?: boolean;
};
type UsageArgument = { readonly placeholder?: string; readonly brief?: string };
type UsageParameters = {
  readonly flags?: Readonly<Record<string, UsageFlag>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly positional?: { readonly kind: string; readonly parameters?: readonly UsageArgument[] };
  readonly description?: string;
};

/** `usages` are the words after the command's own, each way to name its arguments being one. */
export type Documentation = {
  readonly usages: readonly string[];
  readonly description: string | null;
  readonly flags: readonly {
    readonly name: string;
    readonly letter: string | null;
    readonly takes: string | null;
    readonly brief: string;
    readonly byDefault: string | null;
  }[];
  readonly arguments: readonly { readonly name: string; readonly brief: string }[];
};

export function documented(
  { flags = {}, aliases = {}, positional, description }: UsageParameters,
  usages: readonly string[],
): Documentation {
  return {
    usages,
    description: description ?? null,
    flags: Object.entries(flags).map(([name, flag]) => ({
      name: isOn(flag) ? `--[no-]${kebab(name)}` : `--${kebab(name)}`,
      letter: Object.entries(aliases).find(([, long]) => long === name)?.[0] ?? null,
      takes: flagValue(flag),
      brief: flag.brief ?? '',
      byDefault: isOn(flag) ? 'on' : typeof flag.default === 'string' ? flag.default : null,
    })),
    arguments: (positional?.parameters ?? []).map(({ placeholder = '', brief = '' }) => ({ name: placeholder, brief })),
  };
}

export function argumentWords({ positional }: UsageParameters): string {
  return (positional?.parameters ?? []).map(({ placeholder }) => placeholder ?? '').join(' ');
}

/** Wrapped so that no line is wider than this, the command's own words aside. */
const widthMax = 62;

/** Every flag with its placeholder, after the arguments; in brackets what may be left out. */
export function usageLine({ flags = {} }: UsageParameters, positional: string): string {
  const words = [
    positional,
    ...Object.entries(flags).map(([name, flag]) => {
      const typed = [flagName(name, flag), flagValue(flag)].join(' ').trimEnd();
      return isRequired(flag) ? typed : `[${typed}]`;
    }),
  ].filter((word) => word !== '');
  return words
    .reduce<string[]>((lines, word) => {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > widthMax) return [...lines, word];
      return [...lines.slice(0, -1), `${last} ${word}`];
    }, [])
    .join('\n      ');
}

/** As it is typed: what is on already is switched off. */
const flagName = (name: string, flag: UsageFlag) => (isOn(flag) ? `--no-${kebab(name)}` : `--${kebab(name)}`);

const isRequired = ({ kind, optional = false, default: byDefault }: UsageFlag) =>
  kind !== 'boolean' && !optional && byDefault === undefined;
const isOn = ({ kind, default: byDefault }: UsageFlag) => kind === 'boolean' && byDefault === true;
const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function flagValue({ kind, placeholder, values = [] }: UsageFlag): string | null {
  if (kind === 'boolean') return null;
  return kind === 'enum' ? values.join('|') : (placeholder ?? 'VALUE');
}
