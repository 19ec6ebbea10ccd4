/** The host as it is, and the one change that is made to it: packages, with the person's consent. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { hostPlan, versionNumbers } from './host-packages.mjs';
import { StepFailed } from './steps.mjs';

/** Exit code of everything that a person has to do by hand first. */
const manualStep = 5;

const lockTimeoutSeconds = 600;
const lockRetryMs = 5_000;

/** Makes sure that podman and what it needs are there; with `tests`, also what the tests need. @param {import('./steps.mjs').Steps} steps @param {{ readonly tests: boolean }} options */
export async function prepareHost(steps, options) {
  const facts = readHost();
  const { packages, problems } = hostPlan(facts, options);
  if (packages.length === 0 && problems.length === 0) return;
  if (!facts.has('apt-get')) throw new StepFailed([...problems, withoutApt(packages)].join('\n\n'), manualStep);
  // What the distribution offers is judged again below: a bare machine has never read its list of packages.
  if (facts.podman !== null && problems.length > 0) throw new StepFailed(problems.join('\n'), manualStep);

  const prefix = aptPrefix();
  const byHand = byHandLine(facts.rootless, packages);
  steps.say(`This host lacks:\n\n${listed(packages)}\n`);
  if (prefix === null)
    throw new StepFailed(
      `Installing these needs root, and there is no way to that without a password here. Run this, then try again:\n\n  ${byHand}`,
      manualStep,
    );
  if (!(await steps.agrees('Install them with apt-get now?')))
    throw new StepFailed(`Nothing was installed. To do it yourself:\n\n  ${byHand}`, manualStep);

  const update = await patiently(steps, { title: 'Reading the list of packages', ...withPrefix(prefix, aptGet('update')) });
  const plan = hostPlan(readHost(), options);
  if (plan.problems.length > 0) throw new StepFailed(plan.problems.join('\n'), manualStep);
  const install = await patiently(steps, { title: 'Installing packages', ...withPrefix(prefix, aptGet('install', names(plan.packages))) });
  if (install.exitCode !== 0) {
    const lists = update.exitCode === 0 ? '' : `\n\nThe list of packages could not be read before:\n\n${update.output}`;
    throw new StepFailed(
      `The packages could not be installed:\n\n${install.output}${lists}\n\nTo do it yourself:\n\n  ${byHand}`,
      manualStep,
    );
  }

  const after = hostPlan(readHost(), options);
  const missing = [...after.problems, ...after.packages.map(({ name, why }) => `${name} (${why}) is still missing.`)];
  if (missing.length > 0) throw new StepFailed(missing.join('\n'), manualStep);
}

/** @returns {import('./host-packages.mjs').HostFacts} */
function readHost() {
  const has = (/** @type {string} */ program) => onPath(program);
  const [major, minor] = versionNumbers(release());
  return {
    rootless: process.geteuid?.() !== 0,
    systemd: existsSync('/run/systemd/system'),
    cgroup2: existsSync('/sys/fs/cgroup/cgroup.controllers'),
    kernel: [major, minor],
    podman: has('podman') ? (/\d+\.\d+\S*/.exec(textOf('podman', ['--version']))?.[0] ?? '0.0') : null,
    podmanOffered: has('apt-cache') ? (/^\s*Candidate: (\d\S*)$/m.exec(textOf('apt-cache', ['policy', 'podman']))?.[1] ?? null) : null,
    has,
    exists: existsSync,
  };
}

/** The directories of system programs count even where a person's PATH leaves them out. @param {string} program */
function onPath(program) {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories.some((directory) => directory !== '' && isProgram(join(directory, program)));
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @param {string} command @param {readonly string[]} args */
function textOf(command, args) {
  return (
    spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? ''
  );
}

/** What apt-get has to be preceded by; null when there is no way to be root without a password. */
function aptPrefix() {
  if (process.geteuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

/** @param {'update' | 'install'} verb @param {readonly string[]} [names] */
function aptGet(verb, names = []) {
  const quietly = ['DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_MODE=a', 'LC_ALL=C'];
  const install = ['install', '--yes', '--no-install-recommends', '--', ...names];
  return {
    command: 'env',
    args: [...quietly, 'apt-get', `--option=DPkg::Lock::Timeout=${lockTimeoutSeconds}`, ...(verb === 'update' ? ['update'] : install)],
  };
}

/** @param {readonly string[]} prefix @param {{ command: string, args: readonly string[] }} step */
function withPrefix([first, ...rest], { command, args }) {
  return first === undefined ? { command, args } : { command: first, args: [...rest, command, ...args] };
}

/** apt-get waits for dpkg's lock by itself, for that of the package lists it does not. @param {import('./steps.mjs').Steps} steps @param {import('./steps.mjs').Step} step */
async function patiently(steps, step) {
  const deadline = performance.now() + lockTimeoutSeconds * 1000;
  for (;;) {
    const end = await steps.attempt(step);
    if (end.exitCode === 0 || !/Could not get lock|Unable to lock/.test(end.output) || performance.now() > deadline) return end;
    steps.say('  Another program is installing packages; waiting for it.');
    await new Promise((resolve) => setTimeout(resolve, lockRetryMs));
  }
}

/** @typedef {readonly import('./host-packages.mjs').Package[]} Packages */

/** One line for a shell. @param {boolean} rootless @param {Packages} packages */
function byHandLine(rootless, packages) {
  const root = rootless ? 'sudo ' : '';
  return `${root}apt-get update && ${root}apt-get install --no-install-recommends ${names(packages).join(' ')}`;
}

/** @param {Packages} packages */
function withoutApt(packages) {
  return packages.length === 0
    ? ''
    : `Install these with your system's package manager (the names are Debian's), then try again:\n\n${listed(packages)}`;
}

/** @param {Packages} packages */
const names = (packages) => packages.map(({ name }) => name);

/** @param {Packages} packages */
const listed = (packages) => packages.map(({ name, why }) => `  ${name.padEnd(18)} ${why}`).join('\n');
