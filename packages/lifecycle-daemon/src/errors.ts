import { defineErrors, exitStatus } from '@terok/sandbox';

/** Everything that can go wrong in the daemon's house, in one table. */
export const lifecycleErrors = defineErrors({
  LIFECYCLE_STATE_INVALID: {
    message: (p: { problem: string }) => `This is no lifecycle record: ${p.problem}.`,
  },
  LIFECYCLE_STATE_NEWER: {
    message: (p: { path: string; found: number; known: number }) =>
      `\`${p.path}\` was written by a newer release (schema ${p.found}; this one knows ${p.known}) and is left as it is.`,
    hint: 'Update terok, or move the file away to start from a fresh one.',
    exitCode: exitStatus.downgradeRefused,
  },
  DAEMON_STATE_TOO_LARGE: {
    message: (p: { path: string; maxBytes: number }) =>
      `What the daemon would write to \`${p.path}\` is more than the ${p.maxBytes} bytes it could read again.`,
  },
});
