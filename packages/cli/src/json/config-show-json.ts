/** What `terok config show --json` prints. */
import { z } from '@terok/sandbox';

export const ConfigShowJson = z.strictObject({
  values: z.array(
    z.strictObject({
      /** Section and key, joined by dots. */
      path: z.string(),
      value: z.unknown(),
      /** Null: the default. */
      from: z.nullable(z.strictObject({ file: z.string(), line: z.number(), column: z.number() })),
    }),
  ),
});
export type ConfigShowJson = z.infer<typeof ConfigShowJson>;
