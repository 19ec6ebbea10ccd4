/** terok, the umbrella command, for a program that prints its reference. People run `terok`. */
export { cliErrors } from './errors.ts';
export { commandReference, jsonReference, type CommandReference } from './reference.ts';
