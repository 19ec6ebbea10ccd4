/** Colour repeats what the words say already, so it may be absent at any time. */
import { styleText } from 'node:util';
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
  return colour ? (style, text) => styleText(formats[style], text, { validateStream: false }) : (_, text) => text;
}

const formats = { strong: 'bold', faint: 'dim', good: 'green', bad: 'red', attention: 'yellow', active: 'cyan' } as const;
