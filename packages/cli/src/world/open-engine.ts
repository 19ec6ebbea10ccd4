/** Loaded when a command first asks for podman. */
export { executorContext } from '@terok/executor';
