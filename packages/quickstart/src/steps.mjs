/**
 * One step after the other, where a person can watch: its name, its newest line while it runs, how long it took, and, when it fails, the command and
 * its last lines. Plain JavaScript for Node 20, because it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import readline from 'node:readline/promises';
import { stripVTControlCharacters } from 'node:util';
import { redactor } from './redact.mjs';

const keptLines = 400;
const pipeHeartbeatMs = 10_000;

/** A failure whose message is all a person needs; anything else is a bug and keeps its stack. */
export class StepFailed extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * @typedef {{ readonly title: string, readonly command: string, readonly args: readonly string[], readonly env?: NodeJS.ProcessEnv, readonly cwd?: string }} Step
 * @typedef {{ readonly exitCode: number, readonly output: string }} StepEnd
 * @typedef {{ readonly write: (text: string) => unknown, readonly isTTY?: boolean, readonly columns?: number }} Screen
 */

export class Steps {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {NodeJS.Signals | null} */
  #signal = null;
  #redact;
  #screen;

  /** @param {{ cwd: string, env: NodeJS.ProcessEnv, screen?: Screen }} options */
  constructor({ cwd, env, screen = process.stdout }) {
    this.cwd = cwd;
    this.env = env;
    this.#screen = screen;
    this.#redact = redactor(env);
  }

  /** From now on a signal reaches the running step once, and its end ends the whole. */
  listen() {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => this.#interrupt(signal));
  }

  /** @param {string} text */
  say(text) {
    this.#screen.write(`${text}\n`);
  }

  /** Runs to the end with its output kept back; a failure shows the command and its last lines. @param {Step} step */
  async run(step) {
    const end = await this.attempt(step);
    if (end.exitCode !== 0)
      throw new StepFailed(`${step.title} failed with exit code ${end.exitCode}:\n\n  $ ${commandLine(step)}\n\n${indented(end.output)}`);
    return end;
  }

  /** The same, for a step whose end is the caller's to judge. @param {Step & { readonly expect?: number }} step @returns {Promise<StepEnd>} */
  async attempt({ expect = 0, ...step }) {
    const started = performance.now();
    const progress = this.#progress(step.title);
    /** @type {string[]} */
    const lines = [];
    const child = this.#start(step, ['ignore', 'pipe', 'pipe']);
    const take = (/** @type {string} */ line) => {
      const text = this.#redact(stripVTControlCharacters(line)).trimEnd();
      if (text === '') return;
      lines.push(text);
      if (lines.length > keptLines) lines.shift();
      progress.line(text);
    };
    const [, , exitCode] = await Promise.all([eachLine(child.stdout, take), eachLine(child.stderr, take), this.#ended(child, step)]);
    progress.end(exitCode === expect ? 'done' : `failed (exit ${exitCode})`, performance.now() - started);
    return { exitCode, output: lines.join('\n') };
  }

  /** Shows the command as a person would type it and lets it speak for itself. @param {Step & { readonly shown?: string, readonly expect?: number }} step */
  async show({ shown, expect = 0, ...step }) {
    this.say(`\n$ ${shown ?? commandLine(step)}`);
    const exitCode = await this.#ended(this.#start(step, ['ignore', 'inherit', 'inherit']), step);
    if (exitCode !== expect) throw new StepFailed(`${step.title} failed: \`${shown ?? commandLine(step)}\` ended with ${exitCode}.`);
  }

  /** Hands the whole over to a program that speaks and ends for us. @param {Step} step @returns {Promise<number>} its exit code */
  async hand(step) {
    return exitCodeOf(this.#start(step, ['ignore', 'inherit', 'inherit']), step);
  }

  /** What a program prints on standard output; its talk goes to the screen only when it fails. @param {Step} step */
  async read(step) {
    const child = this.#start(step, ['ignore', 'pipe', 'pipe']);
    const [stdout, stderr, exitCode] = await Promise.all([wholeText(child.stdout), wholeText(child.stderr), this.#ended(child, step)]);
    if (exitCode !== 0) {
      const talk = indented(this.#redact(stripVTControlCharacters(stderr)).trimEnd());
      throw new StepFailed(`${step.title} failed with exit code ${exitCode}:\n\n  $ ${commandLine(step)}\n\n${talk}`);
    }
    return stdout;
  }

  /** True where nobody can be asked. @param {string} question */
  async agrees(question) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) return true;
    const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
    terminal.once('SIGINT', () => this.#interrupt('SIGINT'));
    const closed = new Promise((resolve) => terminal.once('close', () => resolve('no')));
    try {
      return !/^n/i.test(String(await Promise.race([terminal.question(`${question} [Y/n] `), closed])).trim());
    } finally {
      terminal.close();
    }
  }

  /**
   * A process group of its own: Ctrl-C on the terminal reaches this process alone, which passes it on once.
   * @param {Step} step @param {import('node:child_process').StdioOptions} stdio
   */
  #start({ command, args, env, cwd }, stdio) {
    this.#refuseAfterSignal();
    const child = spawn(command, args, { cwd: cwd ?? this.cwd, env: { ...this.env, ...env }, stdio, detached: true });
    this.#child = child;
    return child;
  }

  /** @param {import('node:child_process').ChildProcess} child @param {Step} step @returns {Promise<number>} */
  async #ended(child, step) {
    const exitCode = await exitCodeOf(child, step);
    this.#child = null;
    this.#refuseAfterSignal();
    return exitCode;
  }

  /** @param {NodeJS.Signals} signal */
  #interrupt(signal) {
    this.#signal ??= signal;
    if (this.#child?.pid === undefined) process.exit(signalStatus(signal));
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  #refuseAfterSignal() {
    if (this.#signal !== null)
      throw new StepFailed(`Stopped by ${this.#signal}; nothing is lost, run it again to go on.`, signalStatus(this.#signal));
  }

  /** On a terminal one line that is rewritten; in a pipe whole lines, few of them. @param {string} title */
  #progress(title) {
    const { isTTY, columns = 80 } = this.#screen;
    let saidAt = performance.now();
    if (isTTY === true) this.#screen.write(`  ${title} …`);
    else this.say(`  ${title} …`);
    return {
      /** @param {string} text */
      line: (text) => {
        if (isTTY === true) this.#screen.write(`\r\u001B[2K${`  ${title} … ${text}`.slice(0, columns - 1)}`);
        else if (performance.now() - saidAt > pipeHeartbeatMs) {
          saidAt = performance.now();
          this.say(`    ${text}`);
        }
      },
      /** @param {string} word @param {number} tookMs */
      end: (word, tookMs) => this.#screen.write(`${isTTY === true ? '\r\u001B[2K' : ''}  ${title}: ${word} (${seconds(tookMs)})\n`),
    };
  }
}

/** @param {number} ms */
export function seconds(ms) {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A line that can be pasted into a shell. @param {{ readonly command: string, readonly args: readonly string[] }} step */
export function commandLine({ command, args }) {
  return [command, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** @param {import('node:child_process').ChildProcess} child @param {Step} step @returns {Promise<number>} */
function exitCodeOf(child, { title, command }) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StepFailed(`${title}: \`${command}\` could not be started: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? signalStatus(signal)));
  });
}

/** What a shell says of a program that a signal ended. @param {NodeJS.Signals | null} signal */
const signalStatus = (signal) => 128 + (signal === null ? 0 : constants.signals[signal]);

/** @param {string} text */
const indented = (text) => text.replaceAll(/^/gm, '  ');

/** @param {import('node:stream').Readable | null} stream @param {(line: string) => void} take */
async function eachLine(stream, take) {
  if (stream === null) return;
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split(/\r\n|\r|\n/);
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
  if (rest !== '') take(rest);
}

/** @param {import('node:stream').Readable | null} stream */
async function wholeText(stream) {
  let text = '';
  stream?.setEncoding('utf8');
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}
