/** The images of an installation on real podman: which there are, what they take, and which of them can go. */
import { randomUUID } from 'node:crypto';
import { imageUsage, installationLabels, listImages, planImageCleanup, applyImageCleanup, type ExecutorContext } from '@terok/executor';
import { beforeAll, expect, test } from 'vitest';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { contextOf } from './engine.ts';

/** The installation that is set up, with the images of its agents. */
let full: ExecutorContext;
/** One whose images are made here. */
let own: ExecutorContext;
beforeAll(async () => {
  full = await contextOf(await sharedInstallation());
  const installation = await otherInstallation('images');
  await installation.answer(['setup', '--no-images']);
  own = await contextOf(installation);
});

const labels = (ctx: ExecutorContext, option: string) =>
  Object.entries(installationLabels(ctx.installationId)).map(([key, value]) => `${option}${key}=${value}`);
const reference = (ctx: ExecutorContext, name: string) => `localhost/terok/${ctx.installationId.slice(0, 8)}/${name}`;
/** An archive with nothing in it: two blocks of zeros. */
const emptyTar = new Uint8Array(1024);

async function importEmpty(ctx: ExecutorContext, name: string, message = name): Promise<string> {
  const args = ['import', '--quiet', `--message=${message}`, ...labels(ctx, '--change=LABEL '), '--', '-', name];
  return (await ctx.podman.run(args, { input: emptyTar })).trim().replace(/^sha256:/, '');
}

const nothingElse = { unclear: false, unclearAgents: false, stored: [], partials: [], remains: [] };
const later = () => new Date(Date.now() + 2 * 60 * 60_000);

test('what setup made is listed with its layer and content, and nothing of another installation', async () => {
  const theirs = await importEmpty(own, reference(own, 'listed:1'));
  const images = await listImages(full);
  expect(new Set(images.map(({ layer }) => layer))).toEqual(new Set(['bootstrap', 'L0', 'L1']));
  expect(images.filter(({ layer }) => layer === 'L1').every(({ contentHash }) => /^[0-9a-f]{64}$/.test(contentHash ?? ''))).toBe(true);
  expect(images.map(({ id }) => id)).not.toContain(theirs);
  expect((await listImages(own)).map(({ id }) => id)).toContain(theirs);
});

test('layers stand on each other: the base is shared, and counted once', async () => {
  const { images, totalBytes } = await imageUsage(full);
  const base = images.find(({ image }) => image.layer === 'bootstrap');
  expect(base).toMatchObject({ exclusiveBytes: 0 });
  for (const { exclusiveBytes, sharedBytes } of images) {
    expect(exclusiveBytes).not.toBeNull();
    expect(sharedBytes).toBeGreaterThanOrEqual(base?.sharedBytes ?? Infinity);
  }
  const exclusive = images.reduce((sum, { exclusiveBytes }) => sum + (exclusiveBytes ?? 0), 0);
  expect(totalBytes).toBeGreaterThanOrEqual((base?.sharedBytes ?? Infinity) + exclusive);
  const countedEachTime = images.reduce((sum, { exclusiveBytes, sharedBytes }) => sum + (exclusiveBytes ?? 0) + (sharedBytes ?? 0), 0);
  expect(totalBytes).toBeLessThan(countedEachTime);
});

test('cleanup takes what nothing needs and leaves what a container uses, what is fresh and what somebody named', async () => {
  const name = `e2e-${randomUUID()}`;
  const usedReference = reference(own, 'l1:used');
  const used = await importEmpty(own, usedReference);
  const fresh = await importEmpty(own, reference(own, 'l1:fresh'));
  const mine = await importEmpty(own, `localhost/mine:${name}`);
  const old = await importEmpty(own, reference(own, 'l1:old'));
  const nameless = await importEmpty(own, reference(own, 'l1:rebuilt'), 'before');
  const rebuilt = await importEmpty(own, reference(own, 'l1:rebuilt'), 'after');
  await own.podman.run(['create', `--name=${name}`, '--network=none', ...labels(own, '--label='), '--', usedReference, '/nothing']);
  try {
    const facts = { ...nothingElse, installationId: own.installationId, freshReferences: [reference(own, 'l1:fresh')] };
    const images = await listImages(own);
    expect(images.find(({ id }) => id === used)?.containers).toEqual([name]);
    expect(planImageCleanup(images, { ...facts, now: new Date() }).images.filter(({ action }) => action === 'remove')).toEqual([]);

    const plan = planImageCleanup(images, { ...facts, now: later() });
    const results = await applyImageCleanup(own, plan);
    const removed = results.flatMap((result) => ('removed' in result ? [result.removed] : []));
    expect(removed).toEqual(expect.arrayContaining([old, nameless, rebuilt]));
    const left = (await listImages(own)).map(({ id }) => id);
    expect(new Set(left)).toEqual(new Set([used, fresh, mine]));
  } finally {
    await own.podman.run(['rm', '--force', '--time=0', '--', name]);
  }
});

test('an image that a container has come to use since the plan was made stays, and the reason is told', async () => {
  const name = `e2e-${randomUUID()}`;
  const taken = await importEmpty(own, reference(own, 'l1:taken'));
  const images = (await listImages(own)).filter(({ id }) => id === taken);
  const plan = planImageCleanup(images, { ...nothingElse, installationId: own.installationId, freshReferences: [], now: later() });
  await own.podman.run(['create', `--name=${name}`, '--network=none', ...labels(own, '--label='), '--', taken, '/nothing']);
  try {
    expect(await applyImageCleanup(own, plan)).toEqual([{ kept: taken, error: expect.stringMatching(/in use|using/) as string }]);
    expect((await listImages(own)).map(({ id }) => id)).toContain(taken);
  } finally {
    await own.podman.run(['rm', '--force', '--time=0', '--', name]);
  }
});
