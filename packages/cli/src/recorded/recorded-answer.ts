/** Answers that were known when this command was built: the version, help, and what may be typed next. */
import type { Environment } from '@terok/sandbox';
import { colourWanted } from '../output/colour.ts';
import { recordedVersions } from '../versions/recorded-versions.ts';
import { recordedCandidates } from './recorded-candidates.ts';
import type { RecordedCompletions } from './recorded-completions.ts';
import { helpAsked, helpText } from './recorded-help.ts';

/** A shell asks with it for candidates; it is in no help. */
export const completionWord = '__complete';

/** Null when the command itself has to be asked. */
export async function recordedAnswer(
  words: readonly string[],
  output: {
    readonly environment: Environment;
    readonly isTerminal: () => boolean;
    /** What the build wrote of `RecordedHelp`, parsed. */
    readonly recordedHelp: () => unknown;
    /** Throws where the build wrote none. */
    readonly recordedCompletions: () => RecordedCompletions;
  },
): Promise<string | null> {
  const version = recordedVersions()?.['terok'];
  if (version === undefined) return null;
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) return `${version}\n`;
  if (words[0] === completionWord) return recordedCandidates(words.slice(1), output.recordedCompletions);

  const asked = helpAsked(words);
  if (asked === null) return null;
  return helpText(output.recordedHelp(), asked, { colour: colourWanted(output.environment, output.isTerminal()) });
}
