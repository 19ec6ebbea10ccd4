/** Completion as far as the build wrote it down, with all that it needs. */
import { openNames } from '../completion/open-names.ts';
import { recordedLines, type RecordedCompletions } from './recorded-completions.ts';

/** Null when the command library has to be asked. */
export async function recordedCandidates(typed: readonly string[], recorded: () => RecordedCompletions): Promise<string | null> {
  try {
    const lines = await recordedLines(typed, recorded(), openNames);
    return lines === null ? null : lines.map((line) => `${line}\n`).join('');
  } catch {
    return null; // what goes on then says nothing either, or finds another way
  }
}
