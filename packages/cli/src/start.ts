/** Loaded by every command that has no recorded answer: the world it runs in, and the way to it through the table of commands. */
export { nodeWorld } from './world/node-world.ts';
export { runCli } from './run-cli.ts';
