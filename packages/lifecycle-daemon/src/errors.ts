import { defineErrors, exitStatus, printable } from '@terok/sandbox';

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
  DAEMON_RUNNING: {
    message: (p: { who: string }) => `The lifecycle daemon of this installation runs already: ${p.who}.`,
    hint: 'Ask it with `terok daemon status`, or end it with `terok daemon stop`.',
    exitCode: exitStatus.manualStep,
  },
  DAEMON_DIRECTORY_UNSAFE: {
    message: (p: { path: string; reason: string }) => `The lifecycle daemon does not use \`${p.path}\` for its socket: ${p.reason}.`,
    hint: (p) => `Look at it (\`ls -ld '${p.path}'\`); a directory of your own with \`chmod 700 '${p.path}'\` is what it takes.`,
    exitCode: exitStatus.manualStep,
  },
  DAEMON_SOCKET_FAILED: {
    message: (p: { path: string; reason: string }) => `The socket \`${p.path}\` cannot be used: ${p.reason}.`,
  },
  DAEMON_SILENT: {
    message: (p: { op: string; waitedMs: number }) => `The lifecycle daemon did not answer \`${p.op}\` within ${p.waitedMs / 1000} s.`,
    hint: 'Look at what it does with `terok daemon logs`, or start it again with `terok daemon stop` and `terok daemon start`.',
  },
  DAEMON_GONE: {
    message: (p: { op: string }) => `The lifecycle daemon ended before it answered \`${p.op}\`.`,
    hint: 'Try again; see why with `terok daemon logs`.',
  },
  DAEMON_REPLY_INVALID: {
    message: (p: { problem: string }) => `What answers on the lifecycle daemon's socket is not it: ${p.problem}.`,
  },
  REQUEST_LINE_TOO_LONG: {
    message: (p: { maxBytes: number }) => `A request is one line of at most ${p.maxBytes} bytes.`,
  },
  REQUEST_NOT_UTF8: { message: () => 'A request is UTF-8 text.' },
  REQUEST_NOT_JSON: { message: () => 'A request is one JSON object on one line.' },
  REQUEST_INVALID: {
    message: (p: { problem: string }) => `The request cannot be used: ${p.problem}.`,
    exitCode: exitStatus.usage,
  },
  REQUEST_VERSION_UNKNOWN: {
    message: (p: { found: number; known: number }) => `The request speaks version ${p.found}; this daemon knows ${p.known}.`,
    hint: 'Run the command and the daemon from the same release: `terok daemon stop`, then `terok daemon start`.',
  },
  DAEMON_COMMAND_UNKNOWN: {
    message: (p: { op: string; nearest: string | null }) => `The lifecycle daemon has no command \`${p.op}\`.`,
    hint: (p) => (p.nearest === null ? undefined : `Did you mean \`${p.nearest}\`?`),
    exitCode: exitStatus.usage,
  },
  DAEMON_BUSY: {
    message: (p: { clients: number }) => `The lifecycle daemon serves ${p.clients} clients already.`,
    hint: 'Try again when some of them are gone.',
  },
  DAEMON_STOPPING: { message: () => 'The lifecycle daemon is about to end.', hint: 'Try again in a moment.' },
  DAEMON_FAILED: { message: (p: { problem: string }) => `The lifecycle daemon could not do that: ${p.problem}.` },
  DIGEST_FAILED: { message: (p: { problem: string }) => `The digest could not be made: ${p.problem}` },
  SLEEP_VETOED: {
    message: (p: { vetoes: readonly string[] }) => `The house cannot sleep now: ${p.vetoes.join('; ')}.`,
    hint: 'See what keeps it awake with `terok daemon status`.',
  },
  STEP_NOT_REGISTERED: { message: (p: { id: string }) => `This daemon was started without the sleep step \`${p.id}\`.` },
  STEP_BUSY: {
    message: (p: { running: string }) => `The sleep step \`${p.running}\` still runs, and only one runs at a time.`,
    hint: 'Try again when it is done: `terok daemon status`.',
  },
  TOO_MANY_LEASES: {
    message: (p: { max: number }) => `There are ${p.max} leases that keep the house awake, and more are not taken.`,
    hint: 'See them with `terok daemon status`.',
  },
  UNIT_TEXT_UNSAFE: {
    message: (p: { text: string }) =>
      `No systemd unit can hold ${JSON.stringify(p.text)}: it has a line end, a control character, a blank at its edge or a backslash at its end.`,
    hint: 'Choose other paths (TEROK_ROOT, TEROK_RUNTIME_DIR), or run the daemon without systemd: `terok daemon start`.',
  },
  SYSTEMD_MISSING: {
    message: (p: { program: string }) => `There is no \`${p.program}\` on this host.`,
    hint: 'Run the daemon without systemd: `terok daemon start`.',
  },
  SYSTEMD_REFUSED: {
    message: (p: { command: string; exitCode: number; said: string }) =>
      `\`${p.command}\` ended with ${p.exitCode}${p.said.trim() === '' ? '' : `: ${printable(p.said)}`}.`,
    hint: 'Where no systemd of the user runs (`systemctl --user status`), the daemon runs without it: `terok daemon start`.',
  },
  DAEMON_NOT_STARTED: {
    message: (p: { program: string; reason: string }) => `The lifecycle daemon could not be started with \`${p.program}\`: ${p.reason}.`,
  },
});
