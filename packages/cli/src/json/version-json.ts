/** What `terok version --json` prints. */
import { z } from '@terok/sandbox';

export const VersionJson = z.strictObject({
  version: z.nullable(z.string()),
  packages: z.readonly(z.record(z.string(), z.string())),
});
export type VersionJson = z.infer<typeof VersionJson>;
