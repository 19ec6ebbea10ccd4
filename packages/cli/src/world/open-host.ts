/** Loaded when a command first asks for the host: configuration, schemas and the disk come with it. */
export { hostContext } from '@terok/sandbox';
