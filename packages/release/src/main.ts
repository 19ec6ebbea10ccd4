/** A release from the waiting changesets to a command that was upgraded and put back, in a copy of the checkout and against a registry of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { checkout } from '@terok/quickstart/prepare';
import { StepFailed, Steps } from '@terok/quickstart/steps';
import { copyCheckout } from './copied-checkout.ts';
import { checkLibrary } from './library.ts';
import { nextRelease, publish } from './next-release.ts';
import { startRegistry } from './registry.ts';
import { checkTarballs } from './tarballs.ts';
import { upgradeStory } from './upgrade-story.ts';

const place = await mkdtemp(join(tmpdir(), 'terok-release-'));
const copy = join(place, 'checkout');
const steps = new Steps({ cwd: copy, env: process.env });
steps.listen();
try {
  await copyCheckout(steps, { from: checkout, to: copy });
  const first = await nextRelease(steps, copy);
  await checkTarballs(steps, { packages: first, to: join(place, 'tarballs'), programs: join(checkout, 'node_modules/.bin') });

  await using registry = await startRegistry(steps, join(place, 'registry'));
  await publish(steps, { copy, registry });
  for (const name of first.keys()) await checkLibrary(steps, { name, registry, place: join(place, 'alone'), checkout });
  await upgradeStory(steps, { first, place: join(place, 'installed'), copy, registry });
  steps.say('  A release would work.');
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\nerror: ${error.message}\n`);
  process.exitCode = error.exitCode;
} finally {
  await rm(place, { recursive: true, force: true });
}
