/** Everything that can go wrong on the ground floor, in one table. */
import { defineErrors, exitStatus } from './terok-error.ts';

/** Makers of this package's errors, by code. */
export const sandboxErrors = defineErrors({
  FILE_IS_LINK: {
    message: (p: { path: string }) => `\`${p.path}\` is a symbolic link, and links are not followed there.`,
    hint: (p) => `Look where it points (\`ls -l '${p.path}'\`), then put the real file or directory in its place.`,
  },
  FILE_NOT_REGULAR: {
    message: (p: { path: string; kind: string }) => `\`${p.path}\` is a ${p.kind}, not a regular file.`,
    hint: 'Move it away and try again.',
  },
  FILE_NOT_DIRECTORY: {
    message: (p: { path: string }) => `\`${p.path}\` is not a directory.`,
    hint: 'Move it away and try again.',
  },
  FILE_TOO_LARGE: {
    message: (p: { path: string; maxBytes: number }) => `\`${p.path}\` is larger than the ${p.maxBytes} bytes that are read of it.`,
  },
  FILE_NOT_UTF8: {
    message: (p: { path: string }) => `\`${p.path}\` is not valid UTF-8 text.`,
    hint: (p) => `Save it as UTF-8; \`file '${p.path}'\` tells what it is now.`,
  },
  FILE_ACCESS_DENIED: {
    message: (p: { path: string; attempt: string }) => `May not ${p.attempt} \`${p.path}\`.`,
    hint: (p) => `Look at its owner and mode: \`ls -ld '${p.path}'\`.`,
  },
  FILE_SYSTEM_READ_ONLY: {
    message: (p: { path: string; attempt: string }) => `Could not ${p.attempt} \`${p.path}\`: its file system is mounted read-only.`,
    hint: 'Mount it for writing (`findmnt` lists what is mounted), or put the state elsewhere with `TEROK_ROOT`.',
  },
  DISK_FULL: {
    message: (p: { path: string; attempt: string }) => `Could not ${p.attempt} \`${p.path}\`: the disk or the quota is full.`,
    hint: 'Make room (`df -h`), then try again; what was there before is unchanged.',
  },
  FILE_FAILED: {
    message: (p: { path: string; attempt: string; reason: string }) => `Could not ${p.attempt} \`${p.path}\`: ${p.reason}.`,
  },
  STAMP_CORRUPT: {
    message: (p: { path: string; reason: string }) => `The setup stamp \`${p.path}\` cannot be read: ${p.reason}.`,
    hint: 'Run `terok setup`.',
    exitCode: exitStatus.setupNeeded,
  },
  PATH_SEGMENT_UNSAFE: {
    message: (p: { kind: string; text: string; reason: string }) => `\`${p.text}\` cannot be the name of a ${p.kind}: ${p.reason}.`,
    exitCode: exitStatus.usage,
  },
  PATH_NOT_ABSOLUTE: {
    message: (p: { from: string; text: string }) => `\`${p.from}\` is \`${p.text}\`, which is not an absolute path.`,
    hint: (p) => `Give \`${p.from}\` a path that starts with \`/\` or \`~/\`.`,
    exitCode: exitStatus.usage,
  },
  CONFIG_UNREADABLE: {
    message: (p: { at: string; problem: string }) => `${p.at}: ${p.problem}`,
    hint: 'Mend the file; nothing in it was used. `terok config edit` opens yours, whatever is in it.',
    exitCode: exitStatus.usage,
  },
  CONFIG_SECRETS_INVALID: {
    message: (p: { at: string; problem: string }) => `${p.at}: ${p.problem}`,
    hint: 'Each secret is a name in capitals with exactly one of `file`, `env` or `command`; mend it with `terok config edit`.',
    exitCode: exitStatus.usage,
  },
  CONFIG_CHANGE_INVALID: {
    message: (p: { path: string; problem: string; near: string | undefined }) => `\`${p.path}\` cannot be set so: ${p.problem}.`,
    hint: (p) => p.near,
    exitCode: exitStatus.usage,
  },
  CONFIG_CHANGED: {
    message: (p: { path: string }) => `\`${p.path}\` was changed by somebody else meanwhile; nothing was written.`,
    hint: 'Look at the file, and make the change again.',
  },
  LOCK_TIMEOUT: {
    message: (p: { path: string; purpose: string; waitedMs: number; holder: string }) =>
      `Gave up on ${p.purpose} after ${p.waitedMs / 1000} s: ${p.holder} holds the lock \`${p.path}\`.`,
    hint: (p) => `Try again when it is done; if nothing runs any more, remove \`${p.path}\`.`,
  },
  INSTALLATION_ID_CORRUPT: {
    message: (p: { path: string }) => `\`${p.path}\` does not hold an installation id (32 hexadecimal digits).`,
    hint: 'Restore it from a backup: the containers and images of this installation carry the old id.',
  },
});
