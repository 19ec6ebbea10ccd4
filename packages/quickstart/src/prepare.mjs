/** Makes a fresh checkout ready to run: the host's packages, the workspace's dependencies, the build. What is done already takes seconds. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { lockCheckout } from './checkout-lock.mjs';
import { prepareHost } from './host.mjs';
import { StepFailed, Steps } from './steps.mjs';

export const checkout = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
/** Everything that the two commands keep: the lock, and the state that `npm run quickstart` shows. */
export const stateDirectory = join(checkout, '.terok-quickstart');

const oldestNode = 20;
const marker = 'made-by-quickstart';

/**
 * The frame of both commands: one of them at a time, a checkout that is ready, then `script` (TypeScript, run by the Node that the workspace pins).
 * @param {{ readonly purpose: string, readonly script: string, readonly tests: boolean }} command
 */
export async function runCommand({ purpose, script, tests }) {
  const steps = new Steps({ cwd: checkout, env: quietEnvironment(process.env) });
  try {
    refuseOldNode();
    claimStateDirectory();
    holdCheckout(purpose);
    steps.listen();
    const env = await prepare(steps, { tests });
    process.exitCode = await steps.hand({ title: purpose, command: pinnedNode, args: [script, ...process.argv.slice(2)], env });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`\nerror: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

export const pinnedNode = join(checkout, 'node_modules/node/bin/node');

/** @param {Steps} steps @param {{ readonly tests: boolean }} options @returns {Promise<NodeJS.ProcessEnv>} what the second stage runs in: the workspace's own programs first */
async function prepare(steps, options) {
  await prepareHost(steps, options);
  const pnpm = await findPnpm(steps);
  const path = [join(checkout, 'node_modules/.bin'), dirname(pnpm), process.env['PATH'] ?? ''].join(delimiter);
  const env = { PATH: path };
  await steps.run({
    title: 'Installing dependencies',
    command: pnpm,
    args: ['install', '--frozen-lockfile', '--reporter=append-only', '--config.confirm-modules-purge=false'],
    env,
  });
  await steps.run({ title: 'Building', command: pnpm, args: ['run', 'build'], env });
  return env;
}

/** The pinned pnpm, through npm. @param {Steps} steps */
async function findPnpm(steps) {
  const { packageManager } = /** @type {{ packageManager: string }} */ (JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')));
  const found = await steps.read({
    title: `Fetching ${packageManager}`,
    command: 'npx',
    args: ['--yes', '--package', packageManager, '--call', 'command -v pnpm'],
  });
  return found.trim();
}

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return;
  throw new StepFailed(
    `This is Node ${process.versions.node}; Node ${oldestNode} or newer is needed to begin with. Install one, then try again.`,
    5,
  );
}

/** A directory of that name that is not ours is left alone. */
function claimStateDirectory() {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const entries = readdirSync(stateDirectory);
  if (entries.includes(marker)) return;
  if (entries.length > 0)
    throw new StepFailed(`${stateDirectory} is there, and was not made by this command. Move it away, then try again.`);
  writeFileSync(
    join(stateDirectory, marker),
    'The state of `npm run quickstart`. It can be removed as a whole while no task of it runs.\n',
    { flag: 'wx' },
  );
}

/** @param {string} purpose */
function holdCheckout(purpose) {
  const lock = lockCheckout(join(stateDirectory, 'lock'), { pid: process.pid, purpose });
  if (!lock.held)
    throw new StepFailed(
      `\`${lock.by.purpose}\` (process ${lock.by.pid}) is at work in this checkout. Wait until it is done, or end it with \`kill ${lock.by.pid}\`.`,
    );
  process.once('exit', lock.release);
}

/** Nothing that is started here asks, colours, counts or reports. @param {NodeJS.ProcessEnv} env */
function quietEnvironment(env) {
  return {
    ...env,
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
  };
}
