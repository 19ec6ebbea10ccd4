/** Every failure this package reports, with what to do about it. */
import { defineErrors, exitStatus, nearestName } from '@terok/sandbox';

export const executorErrors = defineErrors({
  PODMAN_MISSING: {
    message: (p: { binary: string }) => `Could not start \`${p.binary}\`: podman is not installed, or not on PATH.`,
    hint: 'Install podman 4.3 or newer (on Debian and Ubuntu: `apt-get install podman`), or set `podman.binary` in config.yml.',
    exitCode: exitStatus.manualStep,
  },
  PODMAN_TOO_OLD: {
    message: (p: { version: string }) => `podman ${p.version} is too old: 4.3 is the oldest that works.`,
    hint: 'Install a newer podman, or point `podman.binary` in config.yml at one.',
    exitCode: exitStatus.manualStep,
  },
  PODMAN_FAILED: {
    message: (p: { verb: string; how: string; stderr: string }) => `\`podman ${p.verb}\` ${p.how}.\n\n${p.stderr}`.trimEnd(),
    hint: (p) => podmanHint(p.stderr),
  },
  PODMAN_UNREADABLE: {
    message: (p: { verb: string; reason: string }) => `\`podman ${p.verb}\` printed something that cannot be read: ${p.reason}.`,
    hint: 'Check `podman version`; terok knows podman 4.3 and newer.',
  },
  ENGINE_UNUSABLE: {
    message: (p: { tried: readonly string[] }) =>
      `No way was found to start a container on this host. Tried:\n\n${p.tried.map((line) => `  ${line}`).join('\n')}`,
    hint: 'Install crun or runc, and see `terok doctor` for what else is missing.',
    exitCode: exitStatus.manualStep,
  },
  ENGINE_UNKNOWN: {
    message: (_: Record<never, never>) => 'It is not known yet how containers start on this host.',
    hint: 'Run `terok setup`.',
    exitCode: exitStatus.setupNeeded,
  },
  ARCHITECTURE_UNKNOWN: {
    message: (p: { architecture: string }) => `terok does not know the processor architecture \`${p.architecture}\`.`,
  },
  SECCOMP_PROFILE_UNREADABLE: {
    message: (p: { path: string; reason: string }) => `The engine's seccomp profile \`${p.path}\` cannot be read: ${p.reason}.`,
    hint: 'Reinstall the package that brings it (on Debian: golang-github-containers-common), then run `terok setup`.',
  },
  RUN_SPEC_INVALID: { message: (p: { field: string; reason: string }) => `The container cannot be described: ${p.field} ${p.reason}.` },
  PODMAN_ARG_REFUSED: {
    message: (p: { argument: string; reason: string; allowed: readonly string[] }) =>
      `The podman argument \`${p.argument}\` is refused: ${p.reason}.`,
    hint: (p) => `What \`run.podman_args\` may hold: ${p.allowed.join(', ')}.`,
    exitCode: exitStatus.usage,
  },
  GPU_UNAVAILABLE: {
    message: (p: { gpus: string }) =>
      `\`run.gpus: ${p.gpus}\` cannot be had: terok gives containers no device of the host, and a GPU is one.`,
    hint: 'Set `run.gpus: off` in project.yml or config.yml.',
    exitCode: exitStatus.usage,
  },
  IMAGE_BUILD_FAILED: {
    message: (p: { layer: string; at: { source: string; line: number; text: string } | null; how: string; lastLines: string }) =>
      `Building the image layer ${p.layer} ${p.how}${p.at === null ? '' : `, at line ${p.at.line} of ${p.at.source} (${p.at.text})`}.\n\n${p.lastLines}`.trimEnd(),
    hint: 'Fix what the last lines name and try again; nothing half-built is left behind.',
  },
  IMAGE_SNIPPET_INVALID: {
    message: (p: { problems: readonly string[] }) =>
      `What the project adds to its image cannot be built:\n\n${p.problems.map((line) => `  ${line}`).join('\n')}`,
    hint: 'A snippet is lines of a Containerfile: RUN, ENV, ARG, USER, WORKDIR and SHELL. It starts as root.',
    exitCode: exitStatus.usage,
  },
  BASE_IMAGE_UNSUPPORTED: {
    message: (p: { base: string; id: string | null }) =>
      `The base image \`${p.base}\` ${p.id === null ? 'does not say which distribution it is' : `is \`${p.id}\``}: only the families of Debian and of Fedora can be used.`,
    hint: 'Name another in `image.base`: an image of Debian, Ubuntu, Fedora or one of their children, with an /etc/os-release.',
  },
  BASE_IMAGE_UNAVAILABLE: {
    message: (p: { base: string; reason: string }) => `The base image \`${p.base}\` could not be pulled: ${p.reason}`,
    hint: "Check the network, name another base in `image.base`, or set `image.base: bootstrap` to make one from the distribution's packages.",
  },
  BOOTSTRAP_TOOL_MISSING: {
    message: (_: Record<never, never>) => 'Making the base image needs mmdebstrap or debootstrap, and neither is installed.',
    hint: 'Install one (`apt-get install mmdebstrap`), or name an image in `image.base`.',
    exitCode: exitStatus.manualStep,
  },
  BOOTSTRAP_FAILED: {
    message: (p: { tool: string; how: string; lastLines: string }) =>
      `Making the base image with ${p.tool} ${p.how}.\n\n${p.lastLines}`.trimEnd(),
    hint: 'Check that the package mirror answers; set `image.mirror` and `image.suite` in config.yml to use another.',
  },
  AGENT_UNKNOWN: {
    message: (p: { agent: string; known: readonly string[] }) => `There is no agent \`${p.agent}\`.`,
    hint: (p) => {
      const nearest = nearestName(p.agent, p.known);
      return `${nearest === null ? '' : `Did you mean \`${nearest}\`? `}Known agents: ${p.known.join(', ')}.`;
    },
    exitCode: exitStatus.usage,
  },
  AGENT_INVALID: {
    message: (p: { agent: string; problems: readonly string[] }) =>
      `The file of agent \`${p.agent}\` is not valid:\n\n${p.problems.map((line) => `  ${line}`).join('\n')}`,
    hint: 'Correct the file, or take it away; every other agent can be used meanwhile.',
  },
  AGENT_CANNOT: {
    message: (p: { agent: string; what: string }) => `The agent \`${p.agent}\` cannot ${p.what}.`,
    exitCode: exitStatus.usage,
  },
  NPM_MISSING: {
    message: (_: Record<never, never>) => 'Fetching the packages of an agent needs npm, which is not installed, or not on PATH.',
    hint: 'Install Node with npm; the agent `shell` needs no packages.',
    exitCode: exitStatus.manualStep,
  },
  AGENT_PACKAGE_UNAVAILABLE: {
    message: (p: { package: string; reason: string }) => `The package \`${p.package}\` could not be fetched: ${p.reason}`,
    hint: (p) => `Check that \`npm view ${p.package}\` answers; npm's own settings say which registry is asked.`,
  },
  AGENT_PACKAGE_DIFFERS: {
    message: (p: { package: string; wanted: string; found: string }) =>
      `The package \`${p.package}\` is not the one that is wanted: its hash is ${p.found} and should be ${p.wanted}.`,
    hint: 'Somebody may have put another package in its place: ask whoever runs the registry. Nothing of it was used.',
  },
  COPY_REFUSED: {
    message: (p: { source: string; reason: string }) => `\`${p.source}\` is not copied: ${p.reason}.`,
  },
  ARCHIVE_UNREADABLE: {
    message: (p: { reason: string }) => `What came out of the container is no archive that can be read: ${p.reason}.`,
  },
  CONTAINER_NAME_TAKEN: {
    message: (p: { name: string }) => `A container named \`${p.name}\` is there already and is not this task's.`,
    hint: (p) => `Look at it with \`podman inspect ${p.name}\`; rename or remove it yourself.`,
  },
});

function podmanHint(stderr: string): string | undefined {
  if (/no space left on device/i.test(stderr))
    return 'The disk is full: free some space (`podman system df` shows what images take) and try again.';
  if (/rlimit|setrlimit|cgroup|OCI permission denied/i.test(stderr))
    return 'The host has changed since it was probed, or was not probed: run `terok setup`.';
  return undefined;
}
