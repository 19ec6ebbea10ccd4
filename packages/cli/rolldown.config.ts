/** One chunk per command and the pieces they share; the versions that are built in are written down inside. */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const packages = ['cli', 'executor', 'lifecycle-daemon', 'orchestration', 'sandbox'];
const manifests = packages.map((name): { name: string; version: string } => JSON.parse(readFileSync(new URL(`../${name}/package.json`, import.meta.url), 'utf8')));

export default defineConfig({
  input: { bin: 'src/bin.ts', index: 'src/index.ts' },
  platform: 'node',
  external: /^node:/,
  transform: {
    target: 'node22.22',
    define: { TEROK_RECORDED_VERSIONS: JSON.stringify(Object.fromEntries(manifests.map(({ name, version }) => [name, version]))) },
  },
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js', cleanDir: false },
});
