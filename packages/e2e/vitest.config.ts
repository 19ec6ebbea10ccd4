import { defineConfig } from 'vitest/config';

/** Real podman: one file at a time, so that what one leaves behind is not another's, and with the patience that images need. */
export default defineConfig({
  test: { dir: 'src', globalSetup: 'src/world.ts', fileParallelism: false, testTimeout: 300_000, hookTimeout: 600_000 },
});
