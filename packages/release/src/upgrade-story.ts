/** What a person lives through: installing the command, setting up, the next release, and going back. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StepFailed, type Steps } from '@terok/quickstart/steps';
import { changeLowestPackage, nextRelease, publish, type Release } from './next-release.ts';
import type { Registry } from './registry.ts';

type Story = { readonly first: Release; readonly place: string; readonly copy: string; readonly registry: Registry };
type Expectation = {
  readonly after: string;
  readonly exitCode: number;
  readonly says?: RegExp;
  readonly silentOn?: RegExp;
  readonly flags?: readonly string[];
};

const notice = /terok was updated since its setup/;

export async function upgradeStory(steps: Steps, { first, place, copy, registry }: Story): Promise<void> {
  await mkdir(place);
  const terok = installation(steps, { place, registry });

  await terok.install(versionIn(first));
  await terok.start({ after: 'installing', exitCode: 3, says: /terok setup/ });
  await terok.setUp();
  // A project that is not there is refused after the gate, so 1 means that the gate let it pass.
  await terok.start({ after: 'setup', exitCode: 1, silentOn: notice });

  await changeLowestPackage(copy);
  const second = await nextRelease(steps, copy);
  await publish(steps, { copy, registry });
  await terok.install(versionIn(second));
  await terok.start({ after: 'the upgrade', exitCode: 1, says: notice });
  await terok.setUp();
  await terok.start({ after: 'setup of the new release', exitCode: 1, silentOn: notice });

  await terok.install(versionIn(first));
  await terok.start({ after: 'going back', exitCode: 4, says: /--allow-downgrade/ });
  await terok.start({ after: 'going back on purpose', exitCode: 1, flags: ['--allow-downgrade'] });
}

function versionIn(release: Release): string {
  const version = release.get('terok')?.version;
  if (version === undefined) throw new StepFailed('The release has no `terok`.');
  return version;
}

/** `terok` in a prefix of its own, with a state of its own. */
function installation(steps: Steps, { place, registry }: { readonly place: string; readonly registry: Registry }) {
  const prefix = join(place, 'prefix');
  const terok = {
    command: join(prefix, 'bin/terok'),
    env: { TEROK_ROOT: join(place, 'state'), TEROK_CONFIG_DIR: join(place, 'config') },
  };
  return {
    install: async (version: string): Promise<void> => {
      await steps.run({
        title: `Installing terok ${version}`,
        command: 'npm',
        args: ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, `terok@${version}`],
        cwd: place,
        env: registry.env,
      });
      const printed = await steps.read({ title: 'Asking for its version', ...terok, args: ['version', '--json'], cwd: place });
      const said = (JSON.parse(printed) as { readonly version: string }).version;
      if (said !== version) throw new StepFailed(`The installed terok says it is ${said}; it is ${version}.`);
    },
    setUp: () => steps.run({ title: 'terok setup', ...terok, args: ['setup', '--no-images'], cwd: place }),
    start: async ({ after, exitCode, says, silentOn, flags = [] }: Expectation): Promise<void> => {
      const step = { ...terok, args: ['task', 'run', 'nobody', '--prompt', 'true', ...flags], cwd: place };
      const end = await steps.attempt({ title: `Starting work after ${after}`, expect: exitCode, ...step });
      if (end.exitCode !== exitCode)
        throw new StepFailed(`After ${after} it ended with ${end.exitCode}, not ${exitCode}:\n\n${end.output}`);
      if (says?.test(end.output) === false) throw new StepFailed(`After ${after} it did not say ${says}:\n\n${end.output}`);
      if (silentOn?.test(end.output) === true) throw new StepFailed(`After ${after} it said ${silentOn}:\n\n${end.output}`);
    },
  };
}
