/** Loaded when a program is first run at the terminal. */
export { nodeProcesses } from '@terok/executor';
