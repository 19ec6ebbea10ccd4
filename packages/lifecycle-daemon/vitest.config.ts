import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { dir: 'src', setupFiles: ['../../.ci/property-seed.ts'], testTimeout: 30_000 } });
