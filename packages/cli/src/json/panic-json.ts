/** What `terok panic … --json` prints. */
import { z } from '@terok/sandbox';

export const PanicNowJson = z.strictObject({
  /** Names of containers. */
  stopped: z.array(z.string()),
  failed: z.array(z.strictObject({ name: z.string(), error: z.string() })),
  /** What runs could not be learned to the end. */
  unknown: z.boolean(),
});
export type PanicNowJson = z.infer<typeof PanicNowJson>;

/** False: there was no panic. */
export const PanicClearJson = z.strictObject({ cleared: z.boolean() });
export type PanicClearJson = z.infer<typeof PanicClearJson>;
