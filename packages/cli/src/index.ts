/** terok, the umbrella command, for a program that prints its reference or tidies as its daemon does. People run `terok`. */
export { commandLineProblem } from './command-line-problem.ts';
export { cliErrors } from './errors.ts';
export { commandReference, jsonReference, type CommandReference } from './reference.ts';
export { exitCodeNote, exitCodes, type ExitCode } from './exit-codes.ts';
export { manPage } from './man-page.ts';
export { containerProbe } from './daemon/container-probe.ts';
export { daemonSteps } from './daemon-steps/daemon-steps.ts';
export { digestFacts } from './daemon-steps/digest-facts.ts';
