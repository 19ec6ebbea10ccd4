/** One command line from what was typed to what it answered, as a text that a test can hold. */
import { runCli } from '../run-cli.ts';
import { fakeWorld, type FakeWorldOptions } from './fake-world.ts';

export async function session(typed: string, options: FakeWorldOptions = {}): Promise<string> {
  const world = fakeWorld(options);
  const exitCode = await runCli(wordsOf(typed), world);
  const part = (name: string, text: string) => (text === '' ? '' : `--- ${name}\n${text.endsWith('\n') ? text : `${text}\n`}`);
  return `$ terok ${typed.replaceAll('\u001B', '␛').replaceAll('\u0007', '␇')}\n${part('stdout', world.said.stdout())}${part('stderr', world.said.stderr())}=> ${exitCode}\n`;
}

/** Words as a shell reads them, as far as tests need: blanks separate, single quotes keep together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
