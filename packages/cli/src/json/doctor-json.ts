/** What `terok doctor --json` prints. */
import { z } from '@terok/sandbox';

export const DoctorJson = z.strictObject({
  findings: z.array(
    z.strictObject({
      id: z.string(),
      status: z.enum(['ok', 'warn', 'error']),
      finding: z.string(),
      /** The command that mends it. */
      fix: z.nullable(z.string()),
    }),
  ),
});
export type DoctorJson = z.infer<typeof DoctorJson>;
