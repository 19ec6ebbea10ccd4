/** The setup check as a start-up makes it: the stamp read, five packages looked up, the two compared. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSetup, installedVersions, TRACKED_PACKAGES, writeStamp } from '@terok/sandbox/setup-stamp';
import type { Figure } from './figure.ts';
import { mediansMs } from './measure.ts';

export async function setupCheckFigure(directory: string): Promise<Figure> {
  const manifests = TRACKED_PACKAGES.map((name) => {
    const place = join(directory, 'node_modules', name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version: '1.2.3', dependencies: { zod: '4.0.0' } }, undefined, 2));
    return join(place, 'package.json');
  });
  const from = join(directory, 'node_modules/terok');
  const ctx = { paths: { setupStamp: join(directory, 'setup.stamp') }, clock: { now: () => new Date() } };
  writeStamp(ctx, installedVersions({ from }));

  const taken = await mediansMs(2000, {
    terok: () => {
      const { verdict } = checkSetup(ctx, installedVersions({ from }));
      if (verdict !== 'ok') throw new Error(`the check says ${verdict}`);
    },
    byHand: () => {
      statSync(ctx.paths.setupStamp);
      for (const path of [ctx.paths.setupStamp, ...manifests]) JSON.parse(readFileSync(path, 'utf8'));
    },
  });
  return {
    name: `setup check, ${TRACKED_PACKAGES.length} packages`,
    against: 'the files read by hand',
    ms: taken.terok,
    againstMs: taken.byHand,
    limit: 'under 1 ms',
    within: taken.terok < 1,
  };
}
