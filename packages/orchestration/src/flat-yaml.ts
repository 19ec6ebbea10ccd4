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
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (list !== null && text.startsWith(itemMark, start)) {
      const item = scalar(text.slice(start + itemMark.length, end));
      if (typeof item !== 'string') return null;
      list.push(item);
      continue;
    }
    const colon = text.indexOf(':', start);
    const key = text.slice(start, colon);
    if (list?.length === 0 || colon === -1 || colon > end || !isKey(key) || Object.hasOwn(mapping, key)) return null;
    list = colon + 1 === end ? [] : null;
    const value = list ?? (text[colon + 1] === ' ' ? scalar(text.slice(colon + 2, end)) : undefined);
    if (value === undefined) return null;
    mapping[key] = value;
  }
  return list?.length === 0 ? null : mapping;
}

const itemMark = '  - ';

/** A key that is not a word of YAML's own. The same few come again and again. */
function isKey(text: string): boolean {
  if (keysSeen.has(text)) return true;
  if (!/^(?!(?:null|true|false)$)[a-z][a-z0-9_]{0,63}$/.test(text)) return false;
  if (keysSeen.size < keysSeenMax) keysSeen.add(text);
  return true;
}

const keysSeen = new Set<string>();
const keysSeenMax = 1000;

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
