/** `terok daemon …` and `terok digest` */
import { durationFlag, jsonFlag, textFlag } from '../parameters.ts';
import { command, type CommandTree } from '../row.ts';

const forFlag = { ...durationFlag, optional: false, brief: 'How long, such as `2h`; at most a day' } as const;
const stepArgument = {
  parse: (text: string): string => text,
  placeholder: 'STEP',
  brief: 'Sleep step, as `daemon steps list` names it',
  proposeCompletions: async () => (await import('@terok/lifecycle-daemon')).sleepStepIds,
} as const;

export const daemonCommands = {
  brief: 'The lifecycle daemon, which keeps the house tidy while nobody works',
  routes: {
    run: command({
      load: async () => (await import('../daemon-run.ts')).runDaemonRun,
      brief: 'Run the daemon here, until it is told to end',
      description: 'One runs at a time. It uses the socket that systemd hands over, and makes its own where none is.',
      flags: {
        resident: {
          kind: 'boolean',
          optional: true,
          brief: 'Stay when nothing is left to do, and look around slowly (as it does where nothing would start it again)',
        },
        detached: {
          kind: 'boolean',
          optional: true,
          withNegated: false,
          brief: 'As `daemon start` has it run: stay, begin when a daemon of an older release has ended, and be followed by one of a newer',
        },
        successor: {
          kind: 'boolean',
          optional: true,
          withNegated: false,
          brief: 'The same, but only to follow a daemon of an older release that ended for this one',
        },
      },
    }),
    start: command({
      load: async () => (await import('../daemon-start.ts')).runDaemonStart,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonStartJson,
      brief: 'Start the daemon in the background, where no systemd does',
      flags: { json: jsonFlag },
    }),
    stop: command({
      load: async () => (await import('../daemon-stop.ts')).runDaemonStop,
      brief: 'End the daemon; tasks go on',
    }),
    status: command({
      load: async () => (await import('../daemon-status.ts')).runDaemonStatus,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonStatusJson,
      brief: 'Show whether the daemon runs, in which state, and what keeps it awake',
      description: 'Ends with 1 when no daemon runs.',
      flags: { json: jsonFlag },
    }),
    install: command({
      load: async () => (await import('../daemon-install.ts')).runDaemonInstall,
      brief: "Have the user's systemd start the daemon when it is needed",
      description:
        'Writes a service, a socket and a path unit, enables the last two, and lets your services go on after you have logged out.',
    }),
    uninstall: command({
      load: async () => (await import('../daemon-install.ts')).runDaemonUninstall,
      brief: 'Take the daemon out of systemd again',
    }),
    wake: command({
      load: async () => (await import('../daemon-wake.ts')).runDaemonWake,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonWakeJson,
      brief: 'Tell the daemon that somebody is here, or leave a mark where none runs',
      flags: { json: jsonFlag },
    }),
    sleep: command({
      load: async () => (await import('../daemon-wake.ts')).runDaemonSleep,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonStateJson,
      brief: 'Let the daemon tidy up now, unless something keeps it awake',
      flags: { json: jsonFlag },
    }),
    pause: command({
      load: async () => (await import('../daemon-hold.ts')).runDaemonPause,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonPauseJson,
      brief: 'Keep the daemon from tidying up for a while',
      flags: { for: forFlag, json: jsonFlag },
    }),
    resume: command({
      load: async () => (await import('../daemon-hold.ts')).runDaemonResume,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonResumeJson,
      brief: 'End a pause, so that the daemon may tidy up again',
      flags: { json: jsonFlag },
    }),
    'keep-awake': command({
      load: async () => (await import('../daemon-hold.ts')).runDaemonKeepAwake,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonKeepAwakeJson,
      brief: 'Keep the daemon awake for a program of yours, and print the lease',
      flags: { for: forFlag, reason: { ...textFlag, placeholder: 'TEXT', brief: 'What for, as `daemon status` shows it' }, json: jsonFlag },
    }),
    release: command({
      load: async () => (await import('../daemon-hold.ts')).runDaemonRelease,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonReleaseJson,
      brief: 'End a lease of `keep-awake` before its time',
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [{ ...textFlag, placeholder: 'LEASE', brief: 'As `daemon keep-awake` printed it' }] },
    }),
    logs: command({
      load: async () => (await import('../daemon-logs.ts')).runDaemonLogs,
      json: async () => (await import('../../json/daemon-json.ts')).DaemonLogLineJson,
      brief: 'Show what the daemon did',
      flags: {
        since: { ...durationFlag, optional: false, default: '1d', brief: 'How far back, such as `12h`' },
        follow: { kind: 'boolean', optional: true, withNegated: false, brief: 'Go on with what it does from now on' },
        json: { ...jsonFlag, brief: 'Print one JSON object per line' },
      },
    }),
    steps: {
      brief: 'What the daemon does while nobody works',
      routes: {
        list: command({
          load: async () => (await import('../daemon-steps.ts')).runDaemonStepsList,
          json: async () => (await import('../../json/daemon-json.ts')).DaemonStepsJson,
          brief: 'List the sleep steps, and which of them have failed',
          flags: { json: jsonFlag },
        }),
        run: command({
          load: async () => (await import('../daemon-steps.ts')).runDaemonStepsRun,
          json: async () => (await import('../../json/daemon-json.ts')).DaemonStepRunJson,
          brief: 'Run one step by itself, and show each of its decisions',
          description:
            'In the daemon where one runs, else here. Ends with 1 when the step failed or found something that is yours to mend.',
          flags: {
            dryRun: { kind: 'boolean', optional: true, withNegated: false, brief: 'Only show what it would do' },
            json: jsonFlag,
          },
          positional: { kind: 'tuple', parameters: [stepArgument] },
        }),
        reset: command({
          load: async () => (await import('../daemon-steps.ts')).runDaemonStepsReset,
          json: async () => (await import('../../json/daemon-json.ts')).DaemonStepsResetJson,
          brief: 'Forget the failures of a step, or of all, so that it is tried again',
          flags: { json: jsonFlag },
          positional: { kind: 'tuple', parameters: [{ ...stepArgument, optional: true }] },
        }),
      },
    },
  },
} as const satisfies CommandTree;

export const digestCommands = {
  digest: command({
    load: async () => (await import('../digest.ts')).runDigest,
    json: async () => (await import('../../json/daemon-json.ts')).DigestJson,
    brief: 'Show what happened since you were last told',
    description:
      'At a terminal it counts as seen, and the next digest begins where this one ends. It is also shown once by itself, at the first command that you run at a terminal that day.',
    flags: {
      ack: { kind: 'boolean', optional: true, brief: 'Count it as seen, or not, wherever it is printed' },
      json: jsonFlag,
    },
  }),
} as const satisfies CommandTree['routes'];
