/** Completion as far as the build wrote it down, with all that it needs: loaded at every key, as one file. */
import { openNames } from '../completion/open-names.ts';
import { recordedLines, type RecordedCompletions } from './recorded-completions.ts';

/** Written in by the bundler. */
declare const TEROK_RECORDED_COMPLETIONS: RecordedCompletions | undefined;

/** Null when the command library has to be asked. */
export async function recordedCandidates(typed: readonly string[]): Promise<string | null> {
  if (typeof TEROK_RECORDED_COMPLETIONS === 'undefined') return null;
  try {
    const lines = await recordedLines(typed, TEROK_RECORDED_COMPLETIONS, openNames);
    return lines === null ? null : lines.map((line) => `${line}\n`).join('');
  } catch {
    return null; // what goes on then says nothing either, or finds another way
  }
}
