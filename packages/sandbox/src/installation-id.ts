/** The random name of this installation: containers, images and volumes carry it, so that two installations never touch each other's. */
import { readText } from './durable-file.ts';
import { sandboxErrors } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import type { Clock, Files, Random } from './host.ts';
import type { Paths } from './paths.ts';

type InstallationContext = {
  readonly paths: Pick<Paths, 'installationId'>;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
};

/** 32 hexadecimal digits, made at the first call and the same for ever after, however many ask first at once. */
export async function installationId(ctx: InstallationContext): Promise<string> {
  const path = ctx.paths.installationId;
  return (
    (await readId(ctx.files, path)) ??
    withFileLock(ctx, `${path}.lock`, { purpose: 'naming this installation' }, async () => {
      const found = await readId(ctx.files, path);
      if (found !== null) return found;
      const id = Buffer.from(ctx.random.bytes(16)).toString('hex');
      await ctx.files.replace(path, `${id}\n`);
      return id;
    })
  );
}

async function readId(files: Files, path: string): Promise<string | null> {
  const text = await readText(files, path, { maxBytes: 1024 });
  if (text === null) return null;
  const id = text.trim();
  if (!/^[0-9a-f]{32}$/.test(id)) throw sandboxErrors.INSTALLATION_ID_CORRUPT({ path });
  return id;
}
