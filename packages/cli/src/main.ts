/** The command as a process: its arguments, its world, its exit code. */
import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { recordedAnswer } from './recorded/recorded-answer.ts';
import { recordedCompletionsFile, type RecordedCompletions } from './recorded/recorded-completions.ts';
import { recordedHelpFile } from './recorded/recorded-help.ts';

export async function main(): Promise<void> {
  const words = process.argv.slice(2);
  // Programs and shells ask at each of their own starts, and at every key; the table of commands is not needed to answer.
  const answer = await recordedAnswer(words, { environment: process.env, isTerminal: isOutputTerminal, recordedHelp, recordedCompletions });
  if (answer !== null && (await wroteAtOnce(answer))) return;

  enableCompileCache();
  const { nodeWorld, runCli } = await import('./start.ts');
  process.exitCode = await runCli(words, nodeWorld());
}

/** An `import` of it, or of the streams of the process, takes longer than all that is done here. */
const fs = process.getBuiltinModule('node:fs');
const output = 1;

/** Files of their own, and no modules: what is loaded at every start stays small. */
const recorded = (file: string): unknown => JSON.parse(fs.readFileSync(new URL(file, import.meta.url), 'utf8'));
const recordedHelp = () => recorded(recordedHelpFile);
const recordedCompletions = () => recorded(recordedCompletionsFile) as RecordedCompletions;

const isOutputTerminal = () => fs.fstatSync(output).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(output);

/** False when nothing could be written so: whoever waits for a reader, or says why there is none, has to do it. */
async function wroteAtOnce(answer: string): Promise<boolean> {
  const whole = Buffer.from(answer);
  let written = 0;
  try {
    while (written < whole.length) written += fs.writeSync(output, whole, written);
  } catch {
    if (written === 0) return false;
    const { nodeWorld } = await import('./start.ts');
    await nodeWorld().stdout.write(whole.subarray(written));
  }
  return true;
}
