/** A tool from npm, at one version, in a folder of its own. */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { ProgramFailed } from './programs.ts';
import type { Stage } from './stage.ts';
import type { AbsentTool, Tool } from './tool.ts';

export type NpmTool = { readonly name: string; readonly package: string; readonly version: string; readonly command: string };

export type InstalledTool = {
  /** Of the report. */
  readonly name: string;
  /** The words that its command begins with: the Node of this bench, which terok is started with as well. */
  readonly command: readonly string[];
  /** The folder that its package can be imported from. */
  readonly folder: string;
};

/** The tool that `made` makes of it, or what npm or the command said. */
export async function fromNpm(stage: Stage, tool: NpmTool, made: (installed: InstalledTool) => Promise<Tool>): Promise<Tool | AbsentTool> {
  const name = `${tool.name} ${tool.version}`;
  try {
    return await made({ name, ...(await install(stage, tool)) });
  } catch (error) {
    if (error instanceof ProgramFailed) return { name, said: error.message };
    throw error;
  }
}

async function install({ place, programs, env }: Stage, tool: NpmTool): Promise<Omit<InstalledTool, 'name'>> {
  const folder = join(place, 'npm', tool.name);
  await mkdir(folder, { recursive: true });
  const flags = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    `--prefix=${folder}`,
    `--cache=${join(place, 'npm-cache')}`,
  ];
  // As a person installs: with their registry, their proxy and their certificates.
  const persons = { ...definedEnvironment(), TMPDIR: env['TMPDIR'] ?? '' };
  await programs.run({ words: ['npm', 'install', ...flags, `${tool.package}@${tool.version}`], env: persons, cwd: folder });
  const command = [process.execPath, await realpath(join(folder, 'node_modules/.bin', tool.command))];
  const said = (await programs.run({ words: [...command, '--version'], env, cwd: folder })).trim();
  if (!said.includes(tool.version)) throw new ProgramFailed(`it calls itself ${said}`);
  return { command, folder };
}

const definedEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
