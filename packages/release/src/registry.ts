/** An npm registry on this machine that starts empty: packages of ours are published into it, all others come through it from the one that npm is configured with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepFailed, type Steps } from '@terok/quickstart/steps';

export type Registry = AsyncDisposable & {
  readonly url: string;
  /** What makes pnpm and changesets talk to it. */
  readonly npmrc: string;
  /** What makes npm talk to it, with a cache of its own. */
  readonly env: Readonly<Record<string, string>>;
};

const verdaccio = 'verdaccio@6.10.4';
/** One of its dependencies asks by a tag, which not every mirror of the registry has. */
const overrides = { 'node-fetch': '2.7.0' };
const patienceMs = 60_000;

export async function startRegistry(steps: Steps, place: string): Promise<Registry> {
  await mkdir(place);
  await writeFile(join(place, 'package.json'), JSON.stringify({ private: true, overrides }));
  await steps.run({
    title: `Fetching ${verdaccio}`,
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', verdaccio],
    cwd: place,
  });
  const upstream = await steps.read({
    title: 'Asking npm for its registry',
    command: 'npm',
    args: ['config', 'get', 'registry'],
    cwd: place,
  });
  await writeFile(join(place, 'config.yaml'), configuration(place, upstream.trim()));

  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const child = spawn(
    process.execPath,
    [join(place, 'node_modules/verdaccio/bin/verdaccio'), '--config', join(place, 'config.yaml'), '--listen', `127.0.0.1:${port}`],
    { cwd: place, stdio: 'ignore' },
  );
  await answers(`${url}-/ping`, () => child.exitCode === null);

  const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\n`;
  await writeFile(join(place, 'npmrc'), npmrc);
  return {
    url,
    npmrc,
    env: { npm_config_registry: url, npm_config_userconfig: join(place, 'npmrc'), npm_config_cache: join(place, 'npm-cache') },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Anybody may publish ours, once each version; nobody else's package is kept. */
function configuration(place: string, upstream: string): string {
  const ours = '{ access: $all, publish: $all, unpublish: $all }';
  return `
storage: ${JSON.stringify(join(place, 'storage'))}
uplinks: { upstream: { url: ${JSON.stringify(upstream)} } }
packages:
  '@terok/*': ${ours}
  terok: ${ours}
  '**': { access: $all, proxy: upstream }
max_body_size: 50mb
web: { enable: false }
log: { type: stdout, format: json, level: error }
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

async function answers(url: string, lives: () => boolean): Promise<void> {
  for (const started = performance.now(); performance.now() - started < patienceMs && lives(); await sleep(100)) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
  }
  throw new StepFailed(`${verdaccio} does not answer at ${url}.`);
}
