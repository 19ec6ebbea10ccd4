/**
 * YAML as plain data: the core schema of YAML 1.2, one document, no aliases, no tags of anyone's own. Read with js-yaml, which
 * takes a small fraction of the time that `yaml` does, because a listing reads one such file per task.
 */
import { dump, loadAll, YAMLException } from 'js-yaml';

export type PlainYaml = { readonly value: unknown } | { readonly reason: string };

const depthMax = 32;

/** The document in a text (null when there is none), or in words why it cannot be read. */
export function parsePlainYaml(text: string): PlainYaml {
  try {
    const documents = loadAll(text, { maxAliases: 0, maxDepth: depthMax });
    return documents.length > 1 ? { reason: 'it holds more than one document' } : { value: documents[0] ?? null };
  } catch (error) {
    // The reader throws errors of other classes too for text made to upset it; either way the text is what is wrong.
    return { reason: error instanceof YAMLException ? inOneLine(error) : 'it is not YAML' };
  }
}

/** Block style, one key per line; anything that a reader of YAML 1.1 would take for a date or a boolean is quoted. */
export function printPlainYaml(value: Readonly<Record<string, unknown>>): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

function inOneLine(error: YAMLException): string {
  return error.mark === undefined ? error.reason : `${error.reason} in line ${error.mark.line + 1}`;
}
