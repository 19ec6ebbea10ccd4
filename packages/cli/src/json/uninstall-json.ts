/** What `terok uninstall --json` prints. */
import { z } from '@terok/sandbox';

export const UninstallJson = z.strictObject({
  /** Projects, tasks and archives are gone too. */
  purged: z.boolean(),
  images: z.array(z.string()),
  /** Images and containers that are still there. */
  kept: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
});
export type UninstallJson = z.infer<typeof UninstallJson>;
