/** What a person may add to a container takes effect in it, and what they may not is refused before anything is made. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allowedPodmanArgs } from '@terok/executor';
import { TerokError } from '@terok/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { openEngine, type Engine } from './engine.ts';

let installation: Installation;
let engine: Engine;
let project: DemoProject;
beforeAll(async () => {
  installation = await sharedInstallation();
  engine = await openEngine(installation);
  project = await demoProject(installation, 'added');
});
afterAll(() => project.remove());

/** Argument → a script in the container, and what it prints. */
const effects = {
  '--shm-size=32m': { script: 'echo $(($(stat --file-system --format="%b * %S" /dev/shm) / 1048576))', prints: '32' },
  // In January no summer time is kept.
  '--tz=Europe/Berlin': { script: 'date --date=2026-01-15T12:00:00Z +%H:%M', prints: '13:00' },
  '--env=GREETING=a "b" $(id) --privileged': { script: 'printf "%s\\n" "$GREETING"', prints: 'a "b" $(id) --privileged' },
  '--tmpfs=/mnt/scratch:4m': {
    script: [
      'cd /mnt/scratch && stat --file-system --format=%T . && head -c 2097152 /dev/zero >two && echo fits',
      'head -c 5242880 /dev/zero 2>/dev/null >five || echo full',
      'printf "#!/bin/sh\\n" >program && chmod 755 program && ./program 2>/dev/null || echo not run',
    ].join('; '),
    prints: 'tmpfs\nfits\nfull\nnot run',
  },
} as const;
const networkEffects = {
  '--dns=192.0.2.53': { script: "sed -n 's/^nameserver //p' /etc/resolv.conf | head -1", prints: '192.0.2.53' },
  '--dns-search=corp.example': { script: "sed -n 's/^search //p' /etc/resolv.conf", prints: 'corp.example' },
  '--add-host=db.example:192.0.2.7': { script: "getent -s files hosts db.example | tr -s ' '", prints: '192.0.2.7 db.example' },
} as const;

async function printed(script: string, podmanArgs: readonly string[], network: 'none' | 'open'): Promise<string> {
  const { stdout } = await engine.ctx.runtime.runOnce(engine.spec(script, { podmanArgs, network }));
  return new TextDecoder().decode(stdout).trim();
}

test('every argument that is allowed is tried here', () => {
  const flag = (word: string) => word.split('=', 1)[0] ?? '';
  const tried = [...Object.keys(effects), ...Object.keys(networkEffects)].map(flag);
  expect(new Set(tried)).toEqual(new Set(allowedPodmanArgs.map(flag)));
});

test.concurrent.each(Object.entries(effects))('%s takes effect', async (word, { script, prints }) => {
  const [without, withIt] = await Promise.all([printed(script, [], 'none'), printed(script, [word], 'none')]);
  expect(without).not.toBe(prints);
  expect(withIt).toBe(prints);
});

test.concurrent('what needs a network takes effect where there is one, and is refused where there is none', async () => {
  const words = Object.keys(networkEffects);
  for (const word of words) await expect(printed('true', [word], 'none')).rejects.toMatchObject({ code: 'PODMAN_ARG_REFUSED' });
  const script = Object.values(networkEffects)
    .map((effect) => effect.script)
    .join('; ');
  const found = await printed(script, words, 'open').catch((error: unknown) => (error instanceof TerokError ? error.code : error));
  const prints = Object.values(networkEffects).map((effect) => effect.prints);
  expect(found).toBe(engine.profile.open_network === null ? 'RUN_SPEC_INVALID' : prints.join('\n'));
});

test('all of them together, from a project file to the container of a task', async () => {
  await withArguments(Object.keys(effects), async () => {
    const script = Object.values(effects)
      .map((effect) => `(${effect.script})`)
      .join('; ');
    const { stdout, stderr, exitCode } = await project.run(script);
    expect(exitCode, stderr).toBe(0);
    expect(stdout.trim()).toBe(
      Object.values(effects)
        .map(({ prints }) => prints)
        .join('\n'),
    );
  });
});

const made = async () => ({
  tasks: await project.tasks(),
  containers: await installation.podman(['ps', '--all', '--quiet', '--no-trunc']),
  folders: await readdir(join(installation.stateRoot, 'tasks', project.id)).catch(() => []),
});

describe('what is not allowed', () => {
  let before: Awaited<ReturnType<typeof made>>;
  beforeAll(async () => {
    before = await made();
  });

  test.each([
    '--privileged',
    '--volume=/:/host',
    '--tmpfs=/workspace',
    '--tmpfs=/mnt/x:1m,exec',
    '--env=HOME',
    '--network=host',
    '--dns=192.0.2.53',
  ])('%s is refused, and nothing is made', async (word) => {
    await withArguments([word], async () => {
      const { exitCode, stderr } = await project.run('true');
      expect(exitCode, stderr).toBe(2);
      expect(stderr).toContain(word);
    });
    expect(await made()).toEqual(before);
  });
});

async function withArguments(words: readonly string[], body: () => Promise<void>): Promise<void> {
  const file = join(installation.configRoot, 'projects', project.id, 'project.yml');
  const before = await readFile(file, 'utf8');
  await writeFile(file, `${before}run:\n  podman_args: ${JSON.stringify(words)}\n`);
  try {
    await body();
  } finally {
    await writeFile(file, before);
  }
}
