/** Colour repeats what the words say already, so it may be absent at any time. */
import type { Environment } from '@terok/sandbox';

export type Style = 'strong' | 'faint' | 'good' | 'bad' | 'attention' | 'active';
export type Paint = (style: Style, text: string) => string;

/** `NO_COLOR` wins over `FORCE_COLOR`, which wins over what the stream is; an empty value counts as unset. */
export function colourWanted(environment: Environment, isTerminal: boolean): boolean {
  if (environment['NO_COLOR']) return false;
  const forced = environment['FORCE_COLOR'];
  if (forced) return forced !== '0';
  return isTerminal && environment['TERM'] !== 'dumb';
}

export function paintWith(colour: boolean): Paint {
  return colour ? (style, text) => `\u001B[${codes[style][0]}m${text}\u001B[${codes[style][1]}m` : (_, text) => text;
}

/** Bold, dim, green, red, yellow, cyan, each with what ends it (ECMA-48, select graphic rendition). */
const codes = { strong: [1, 22], faint: [2, 22], good: [32, 39], bad: [31, 39], attention: [33, 39], active: [36, 39] } as const;
