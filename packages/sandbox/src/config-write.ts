/** Changes to a person's own configuration file. Their comments and the order of their keys stay. */
import { isMap, parseDocument, type Document } from 'yaml';
import { configMaxBytes } from './config-files.ts';
import { atText } from './config.ts';
import { mergeLayers } from './config-merge.ts';
import { configSections, type SectionName } from './config-sections.ts';
import { readText } from './durable-file.ts';
import { sandboxErrors } from './errors.ts';
import { withFileLock, type LockContext } from './file-lock.ts';
import type { Paths } from './paths.ts';
import { problemsOf, readYaml } from './yaml-source.ts';

/** New values by key; null takes the key away. */
export type SectionChanges = Readonly<Record<string, unknown>>;

/**
 * Sets keys of one section in the file that `TEROK_CONFIG_FILE` names, else in the user's; a null removes its key. The file is made (0600) when missing.
 * CONFIG_CHANGE_INVALID when the section would not be valid afterwards, CONFIG_UNREADABLE when the file is no YAML map, FILE_IS_LINK when it is a link: nothing is written then.
 */
export async function updateConfigSection(
  ctx: LockContext & { readonly paths: Pick<Paths, 'userConfigFile' | 'overrideConfigFile'> },
  section: SectionName,
  changes: SectionChanges,
): Promise<void> {
  const file = ctx.paths.overrideConfigFile ?? ctx.paths.userConfigFile;
  await withFileLock(ctx, `${file}.lock`, { purpose: `changing \`${section}\` in the configuration` }, async () => {
    const before = (await readText(ctx.files, file, { maxBytes: configMaxBytes })) ?? '';
    const after = changedText(before, file, { section, changes });
    if (after !== before) await ctx.files.replace(file, after);
  });
}

/**
 * Writes the file that `TEROK_CONFIG_FILE` names, else the user's, anew; `was` is what the new text was made from, empty where there was no file.
 * CONFIG_CHANGED when the file holds another by now: nothing is written then. What the text says is for the caller to check.
 */
export async function writeConfigText(
  ctx: LockContext & { readonly paths: Pick<Paths, 'userConfigFile' | 'overrideConfigFile'> },
  { text, was }: { readonly text: string; readonly was: Uint8Array },
): Promise<void> {
  const file = ctx.paths.overrideConfigFile ?? ctx.paths.userConfigFile;
  await withFileLock(ctx, `${file}.lock`, { purpose: 'changing the configuration' }, async () => {
    const before = (await ctx.files.read(file, { maxBytes: configMaxBytes })) ?? new Uint8Array();
    if (Buffer.compare(before, was) !== 0) throw sandboxErrors.CONFIG_CHANGED({ path: file });
    if (Buffer.compare(before, Buffer.from(text)) !== 0) await ctx.files.replace(file, text);
  });
}

/** A new value for the key at the path; null takes the key away. */
export type YamlChange = { readonly path: readonly [string, ...string[]]; readonly value: unknown };

/**
 * Pure: a YAML map with some of its values changed, all else as it was written, comments too. CONFIG_UNREADABLE when the text is no YAML map. Whether the
 * result means anything is for the caller to see.
 */
export function changedYaml(text: string, file: string, changes: readonly YamlChange[]): string {
  const document = readMap(text, file);
  for (const change of changes) setValue(document, change);
  return document.toString({ lineWidth: 0 });
}

function setValue(document: Document, { path, value }: YamlChange): void {
  if (value === null || value === undefined) {
    if (document.hasIn(path)) document.deleteIn(path);
    return;
  }
  // A key that stands there empty is no map to set anything in.
  for (let length = 1; length < path.length; length++) {
    const owner = path.slice(0, length);
    if (!isMap(document.getIn(owner, true))) document.setIn(owner, document.createNode({}));
  }
  document.setIn(path, typeof value === 'object' ? document.createNode(value) : value); // a plain value keeps the comment beside it
}

/** Pure: the file's text with the changes in it. */
function changedText(
  text: string,
  file: string,
  { section, changes }: { readonly section: SectionName; readonly changes: SectionChanges },
): string {
  const document = readMap(text, file);
  if (!isMap(document.get(section, true))) document.set(section, document.createNode({}));
  for (const [key, value] of Object.entries(changes)) setValue(document, { path: [section, key], value });
  refuseInvalid(document, file, section);
  return document.toString({ lineWidth: 0 });
}

function readMap(text: string, file: string): Document {
  const read = readYaml(text, file);
  if (read.kind === 'damaged') {
    const [first] = read.problems;
    throw sandboxErrors.CONFIG_UNREADABLE({ at: first === undefined ? file : atText(first), problem: first?.message ?? 'not YAML' });
  }
  const document: Document = parseDocument(text, { stringKeys: true });
  if (document.contents === null) document.contents = document.createNode({});
  if (!isMap(document.contents)) throw sandboxErrors.CONFIG_UNREADABLE({ at: `${file}:1:1`, problem: 'The file is not a map of sections' });
  return document;
}

function refuseInvalid(document: Document, file: string, section: SectionName): void {
  const read = readYaml(document.toString(), file);
  const root = read.kind === 'read' ? (read.source.value as Record<string, unknown>) : {};
  const schema = configSections[section];
  const checked = schema.safeParse(mergeLayers({}, root)[section] ?? {});
  if (checked.success) return;
  const [problem] = problemsOf(checked.error.issues, schema, [section], () => ({ file, line: 1, column: 1 }));
  throw sandboxErrors.CONFIG_CHANGE_INVALID({
    path: problem?.path ?? section,
    problem: problem?.message ?? 'not valid',
    near: problem?.hint,
  });
}
