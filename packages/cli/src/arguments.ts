/**
 * Two readings of the words of a command line that the command library would get wrong: `--flag=VALUE` with a value that is
 * empty or has several lines, and flags that are named like what every JavaScript object has (`--constructor`).
 */

/** The same words as the library reads them right; `unknown` are flags it would mistake for known ones. */
export function normaliseArguments(words: readonly string[]): { readonly words: readonly string[]; readonly unknown: readonly string[] } {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  return {
    words: [...options.flatMap(flagAndValue), ...(end === -1 ? [] : words.slice(end))],
    unknown: options.filter((word) => inheritedFlag.test(word)).map((word) => word.split('=', 1)[0] ?? word),
  };
}

/** Such a value never looks like a flag itself, so it may stand alone. */
function flagAndValue(word: string): readonly string[] {
  const match = /^(--[a-z][a-z-]+)=(|[^\n\r\u2028\u2029]*[\n\r\u2028\u2029][\s\S]*)$/.exec(word);
  return match === null ? [word] : match.slice(1);
}

const inheritedNames = Object.getOwnPropertyNames(Object.prototype).flatMap((name) => [
  name,
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
]);
const inheritedFlag = new RegExp(`^--(?:no-?)?(?:${inheritedNames.join('|')})(?:=|$)`, 'i');
