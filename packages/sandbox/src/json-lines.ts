/** Append-only records, one JSON object per line, in a file that is turned over when it grows large. */
import { readText } from './durable-file.ts';
import type { Files } from './host.ts';

/** How large such a file may grow, and what is kept of it (8 MiB and three older ones when left out). */
export type JsonLinesOptions = {
  /** The file is turned over before it would grow past this. */
  readonly maxBytes?: number;
  /** How many turned-over files are kept: `<file>.1` is the newest. */
  readonly keep?: number;
};

const fileMaxBytes = 8 * 1024 * 1024;
const filesKept = 3;

/** Adds one record. A crash leaves it whole, absent, or as a torn last line that readers skip. One writer at a time. */
export async function appendJsonLine(
  files: Files,
  path: string,
  record: object,
  { maxBytes = fileMaxBytes, keep = filesKept }: JsonLinesOptions = {},
): Promise<void> {
  const line = JSON.stringify(record);
  const size = (await files.stat(path))?.sizeBytes ?? 0;
  if (size > 0 && size + Buffer.byteLength(line) + 1 > maxBytes) await turnOver(files, path, keep);
  await files.append(path, line);
}

/** What a file of records holds. */
export type JsonLinesRead = {
  readonly records: readonly unknown[];
  /** Lines that are no JSON: torn by a crash, or damaged. */
  readonly skipped: number;
};

/** The records of one file, oldest first; nothing there is no record. */
export async function readJsonLines(
  files: Files,
  path: string,
  { maxBytes = 2 * fileMaxBytes }: { readonly maxBytes?: number } = {},
): Promise<JsonLinesRead> {
  const lines = ((await readText(files, path, { maxBytes })) ?? '').split('\n').filter((line) => line !== '');
  const records = lines.map(parseLine).filter((record) => record !== undefined);
  return { records, skipped: lines.length - records.length };
}

/** The oldest goes first and the newest moves last, so that a crash in between loses nothing that was to be kept. */
async function turnOver(files: Files, path: string, keep: number): Promise<void> {
  if (keep === 0) {
    await files.remove(path);
    return;
  }
  for (let number = keep - 1; number >= 1; number--) {
    if ((await files.stat(`${path}.${number}`)) !== null) await files.rename(`${path}.${number}`, `${path}.${number + 1}`);
  }
  await files.rename(path, `${path}.1`);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // counted as skipped
  }
}
