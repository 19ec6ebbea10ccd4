/** Loaded by those who mend the configuration. */
export { bareHost } from '@terok/sandbox';
