/** Packages whose version is another than at setup, in one line. */
import type { MovedPackage } from '@terok/sandbox/setup-stamp';

export const movedText = (packages: readonly MovedPackage[]): string =>
  packages.map(({ name, stamped, installed }) => `${name} ${stamped ?? '(new)'} → ${installed}`).join(', ');
