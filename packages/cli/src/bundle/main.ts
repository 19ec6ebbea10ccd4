/** Makes `dist`: one chunk per command and the pieces they share. The versions that are built in are written down inside; the manual page lies beside. */
import { readFileSync, writeFileSync } from 'node:fs';
import { build, type BuildOptions, type Plugin } from 'rolldown';
import { manPage } from '../man-page.ts';
import { nodeWorld } from '../world/node-world.ts';
import { recordedCompletionsFile } from '../recorded/recorded-completions.ts';
import { recordedHelpFile } from '../recorded/recorded-help.ts';
import { recordCompletions, recordHelp } from '../recorded/record.ts';
import { commandReference } from '../reference.ts';
import { staticClosure } from './static-closure.ts';

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

/** Each group is one file; a module goes to the first that takes it. */
type Group = { readonly name: string; readonly test: (moduleId: string) => boolean };

/** What every start loads: the entry, with what it stands on, and the table of commands. */
const always = [
  { name: 'main', test: /\/cli\/src\/main\.ts$/, priority: 100 },
  { name: 'start', test: /\/cli\/src\/start\.ts$/, priority: 99 },
];

const bundle = (groups: readonly Group[], { write }: { readonly write: boolean }): BuildOptions => ({
  cwd: packageRoot.pathname,
  input: { bin: 'src/bin.ts', index: 'src/index.ts' },
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  external: /^node:(?!process$)/,
  plugins: [globalProcess],
  transform: {
    target: 'node22.22',
    define: {
      TEROK_RECORDED_VERSIONS: JSON.stringify(Object.fromEntries(directories.map(nameAndVersion))),
    },
  },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: ({ name, moduleIds }) =>
      groups.some((group) => group.name === name) ? `chunks/${name}.js` : `chunks/${packageOf(moduleIds.at(-1) ?? '')}${name}.js`,
    codeSplitting: {
      groups: [
        ...always,
        ...groups.map((group, index) => ({ ...group, priority: groups.length - index, includeDependenciesRecursively: false })),
      ],
    },
    cleanDir: false,
  },
  write,
});

// Each file more takes longer to load than what is in it, so that what is loaded together is made one. What that is, a first build says.
const apart = await build(bundle([], { write: false }));
const host = staticClosure(apart, ['/cli/src/world/open-host.ts']);
const tasks = staticClosure(apart, ['/cli/src/world/open-engine.ts', '/cli/src/commands/task-list.ts', '/cli/src/output/table.ts']);
await build(
  bundle(
    [
      { name: 'host', test: (id) => host.has(id) },
      { name: 'tasks', test: (id) => tasks.has(id) },
    ],
    { write: true },
  ),
);

writeFileSync(new URL(`dist/chunks/${recordedHelpFile}`, packageRoot), JSON.stringify(await recordHelp()));
writeFileSync(new URL(`dist/chunks/${recordedCompletionsFile}`, packageRoot), JSON.stringify(await recordCompletions(nodeWorld())));
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
