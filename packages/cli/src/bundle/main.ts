/** Makes `dist`: one chunk per command and the pieces they share. The versions that are built in are written down inside; the manual page lies beside. */
import { readFileSync, writeFileSync } from 'node:fs';
import { build, type Plugin } from 'rolldown';
import { manPage } from '../man-page.ts';
import { nodeWorld } from '../node-world.ts';
import { recordedHelpFile } from '../recorded/recorded-help.ts';
import { recordCompletions, recordHelp } from '../recorded/record.ts';
import { commandReference } from '../reference.ts';

const packageRoot = new URL('../../', import.meta.url);
const directories = ['cli', 'executor', 'lifecycle-daemon', 'orchestration', 'sandbox'];

/** With those names of it that are imported one by one. */
const processModule =
  'const { process } = globalThis; export default process; export const { platform, execPath, execArgv, hrtime, cwd } = process;';

/** A module that imports `node:process` reads every property of it, and so opens the three streams of the process; the global is the same object. */
const globalProcess: Plugin = {
  name: 'global-process',
  resolveId(id, importer) {
    if (id !== 'node:process') return null;
    // Dialogs are for terminals, and take the streams by name.
    return importer?.includes('/@clack/') === true ? { id, external: true } : '\0global-process';
  },
  load: (id) => (id === '\0global-process' ? processModule : null),
};

await build({
  cwd: packageRoot.pathname,
  input: { bin: 'src/bin.ts', index: 'src/index.ts' },
  platform: 'node',
  external: /^node:(?!process$)/,
  plugins: [globalProcess],
  transform: {
    target: 'node22.22',
    define: {
      TEROK_RECORDED_VERSIONS: JSON.stringify(Object.fromEntries(directories.map(nameAndVersion))),
      TEROK_RECORDED_COMPLETIONS: JSON.stringify(await recordCompletions(nodeWorld())),
    },
  },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: ({ name, moduleIds }) => `chunks/${packageOf(moduleIds.at(-1) ?? '')}${name}.js`,
    // All that every start needs is one file, with what it stands on: each file more takes longer than what is in it.
    codeSplitting: {
      groups: [
        { name: 'main', test: /\/cli\/src\/main\.ts$/, priority: 2 },
        { name: 'start', test: /\/cli\/src\/run-cli\.ts$/, priority: 1 },
      ],
    },
    cleanDir: false,
  },
});

writeFileSync(new URL(`dist/chunks/${recordedHelpFile}`, packageRoot), JSON.stringify(await recordHelp()));
writeFileSync(new URL('dist/terok.1', packageRoot), manPage(await commandReference()));

function nameAndVersion(directory: string): readonly [string, string] {
  const manifest: unknown = JSON.parse(readFileSync(new URL(`../${directory}/package.json`, packageRoot), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || !('version' in manifest))
    throw new Error(`${directory} has no manifest`);
  if (typeof manifest.name !== 'string' || typeof manifest.version !== 'string')
    throw new Error(`the manifest of ${directory} names no version`);
  return [manifest.name, manifest.version];
}

/** A chunk is named after the package its last module is of, so that what changes elsewhere does not rename it. */
function packageOf(moduleId: string): string {
  const directory = /\/packages\/([a-z-]+)\/(?:dist|src)\//.exec(moduleId)?.[1];
  return directory === undefined || directory === 'cli' ? '' : `${directory}-`;
}
