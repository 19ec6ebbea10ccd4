/**
 * The flat documents that we write ourselves, read at a tenth of what a YAML reader takes: a listing reads one for each task. Only what has one
 * meaning by itself is read here: `key: value` and lists of texts, one line each. Anything else is left to the YAML reader, and where this
 * one gives an answer it is the same (a property test holds it to that).
 */
export type FlatValue = string | number | boolean | null | readonly string[];

/** The mapping, or null: ask a YAML reader. */
export function parseFlatYaml(text: string): Readonly<Record<string, FlatValue>> | null {
  if (!text.endsWith('\n')) return null;
  const mapping: Record<string, FlatValue> = {};
  let list: string[] | null = null;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end);
    start = end + 1;
    const item = list === null ? null : itemLine.exec(line);
    if (list !== null && item !== null) {
      const value = scalar(item[1]!);
      if (typeof value !== 'string') return null;
      list.push(value);
      continue;
    }
    const [, key, words] = pairLine.exec(line) ?? [];
    if (key === undefined || Object.hasOwn(mapping, key) || list?.length === 0) return null;
    list = null;
    if (words === undefined) {
      mapping[key] = list = [];
      continue;
    }
    const value = scalar(words);
    if (value === undefined) return null;
    mapping[key] = value;
  }
  return list?.length === 0 ? null : mapping;
}

/** A key that is not a word of YAML's own, and what stands after it. */
const pairLine = /^((?!null:|true:|false:)[a-z][a-z0-9_]*):(?: ([^ ].*))?$/;
const itemLine = /^ {2}- ([^ ].*)$/;

/** Begins with a letter or a slash, and holds nothing that could end it or make it a comment or a mapping. */
const plain = /^[A-Za-z/](?:[A-Za-z0-9_./@+=-]|:(?=[A-Za-z0-9_./@+=-])| (?=[A-Za-z0-9_./@+=-]))*$/;
const quoted = /^'[ -&(-~]*'$/;
const wholeNumber = /^(?:0|-?[1-9][0-9]{0,14})$/;
const literals: Readonly<Record<string, boolean | null>> = { null: null, true: true, false: false };
/** Other spellings of the literals. */
const literalLike = /^(?:null|true|false)$/i;

function scalar(text: string): string | number | boolean | null | undefined {
  const first = text.charCodeAt(0);
  if (first === quote) return quoted.test(text) ? text.slice(1, -1) : undefined;
  if (first <= nine && first !== slash) return wholeNumber.test(text) ? Number(text) : undefined;
  if (Object.hasOwn(literals, text)) return literals[text];
  return plain.test(text) && !literalLike.test(text) ? text : undefined;
}

const [quote, slash, nine] = [0x27, 0x2f, 0x39];
