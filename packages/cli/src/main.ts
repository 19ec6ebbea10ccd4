/** The command as a process: its arguments, its world, its exit code. */
import process from 'node:process';
import { nodeWorld } from './node-world.ts';
import { runCli } from './run-cli.ts';

export async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), nodeWorld());
}
