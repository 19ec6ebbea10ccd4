/** terok, the umbrella command, for a program that prints its reference. People run `terok`. */
export { commandLineProblem } from './command-line-problem.ts';
export { cliErrors } from './errors.ts';
export { commandReference, jsonReference, type CommandReference } from './reference.ts';
