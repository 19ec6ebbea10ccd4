/** The command as a process: its arguments, its world, its exit code. */
import process from 'node:process';
import { nodeWorld } from './node-world.ts';
import { recordedVersions } from './recorded-versions.ts';
import { runCli } from './run-cli.ts';

export async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const version = recordedVersions()?.['terok'];
  // Programs ask for it at each of their own starts; the table of commands is not needed to answer.
  if (version !== undefined && words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
    await nodeWorld().stdout.write(`${version}\n`);
    return;
  }
  process.exitCode = await runCli(words, nodeWorld());
}
