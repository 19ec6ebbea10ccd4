/** YAML that people write: plain values, and for each of them the place where it stands. */
import { isMap, isNode, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { nearestName } from './nearest-name.ts';
import { printable } from './printable.ts';
import type { z } from './schema.ts';

/** One thing that is wrong with a file a person wrote. Lines and columns count from 1. */
export type ConfigProblem = {
  /** An `error` was left out or replaced by its default; a `note` changes nothing. */
  readonly severity: 'error' | 'note';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Keys joined by dots; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
};

export type YamlPath = readonly PropertyKey[];
export type Position = { readonly line: number; readonly column: number };
export type YamlSource = {
  readonly file: string;
  readonly value: unknown;
  has(path: YamlPath): boolean;
  /** Of the key at the path; of its nearest owner where the path itself is absent. */
  positionOf(path: YamlPath): Position;
};

export type YamlRead =
  | { readonly kind: 'read'; readonly source: YamlSource }
  | { readonly kind: 'damaged'; readonly problems: readonly ConfigProblem[] };

/** Any text has an answer; an empty one is null. YAML 1.2 core schema, string keys, no duplicate keys, at most 100 uses of aliases. */
export function readYaml(text: string, file: string): YamlRead {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const damaged = (offset: number, message: string): YamlRead => ({
    kind: 'damaged',
    problems: [{ severity: 'error', file, ...at(offset), path: '', message: printable(message.split('\n', 1)[0] ?? '') }],
  });

  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true, logLevel: 'error', prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) return damaged(error.pos[0], error.message);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return {
      kind: 'read',
      source: { file, value, has: (path) => document.hasIn(path), positionOf: (path) => at(offsetOf(document, path)) },
    };
  } catch (error) {
    // The parser finds some damage (an alias without its anchor, nesting beyond the stack) only while it builds values.
    return damaged(0, error instanceof Error ? error.message : String(error));
  }
}

/** Reads and checks a whole file in one go. `{}` stands for an empty file. */
export function parseYamlWith<S extends z.ZodMiniType>(
  schema: S,
  text: string,
  file: string,
): { readonly value: z.output<S> } | { readonly problems: readonly ConfigProblem[] } {
  const read = readYaml(text, file);
  if (read.kind === 'damaged') return { problems: read.problems };
  const checked = schema.safeParse(read.source.value ?? {});
  return checked.success
    ? { value: checked.data }
    : { problems: problemsOf(checked.error.issues, schema, [], (path) => ({ file, ...read.source.positionOf(path) })) };
}

/** What a schema found wrong, as problems; `prefix` is where the checked value stands in the file. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.core.$ZodType,
  prefix: YamlPath,
  locate: (path: YamlPath) => Position & { readonly file: string },
): readonly ConfigProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [problem([...prefix, ...issue.path], issue.message)];
    return issue.keys.map((key) => {
      const near = nearestName(key, keysAt(schema, issue.path));
      return problem([...prefix, ...issue.path, key], `Unknown key \`${key}\``, near === null ? undefined : `Did you mean \`${near}\`?`);
    });
  });

  function problem(path: YamlPath, message: string, hint?: string): ConfigProblem {
    return {
      severity: 'error',
      ...locate(path),
      path: printable(path.join('.')),
      message: printable(message),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

/** The keys that the object schema at this path knows. */
function keysAt(schema: z.core.$ZodType, path: YamlPath): readonly string[] {
  // oxlint-disable-next-line no-underscore-dangle -- where zod keeps what a schema is made of
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most of zod's kinds have no keys
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return keysAt(def.innerType, path);
    case 'pipe':
      return keysAt(def.out, path);
    case 'object': {
      const [key, ...rest] = path;
      if (key === undefined) return Object.keys(def.shape);
      const child = def.shape[String(key)];
      return child === undefined ? [] : keysAt(child, rest);
    }
    case 'record':
      return path.length === 0 ? [] : keysAt(def.valueType, path.slice(1));
    case 'array':
      return path.length === 0 ? [] : keysAt(def.element, path.slice(1));
    default:
      return [];
  }
}

function offsetOf(document: Document, path: YamlPath): number {
  if (path.length === 0) return 0;
  const owner = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = String(path.at(-1));
  const node = isMap(owner)
    ? owner.items.find(({ key }) => String(key) === last)?.key
    : isSeq(owner)
      ? owner.items[Number(last)]
      : undefined;
  return startOf(node) ?? offsetOf(document, path.slice(0, -1));
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
