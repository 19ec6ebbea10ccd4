/** podman by hand: the same words as terok's, started with nothing between. */
import { spawn } from 'node:child_process';
import process from 'node:process';

/** Runs a command line to its end; anything but 0 is an error. */
export async function run(words: readonly string[]): Promise<void> {
  const { ended } = open(words);
  const exitCode = await ended;
  if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode}`);
}

/** Runs a command line until it has printed something. */
export async function firstOutput(words: readonly string[]): Promise<void> {
  const { child, ended } = open(words);
  const printed = new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true)));
  if (await Promise.race([printed, ended.then(() => false)])) return;
  throw new Error(`${words.join(' ')} ended and printed nothing`);
}

function open([binary = '', ...args]: readonly string[]) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'], env: process.env });
  child.stdout.resume();
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { child, ended };
}
