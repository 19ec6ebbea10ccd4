/** Loaded when help is asked for, and only then. */
import type { RecordedHelp } from './recorded-help.ts';

/** Written in by the bundler. */
declare const TEROK_RECORDED_HELP: RecordedHelp | undefined;

/** Null when run from its sources. */
export const recordedHelp = (): RecordedHelp | null => (typeof TEROK_RECORDED_HELP === 'undefined' ? null : TEROK_RECORDED_HELP);
