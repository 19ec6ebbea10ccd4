/**
 * Reads a tar archive as it comes: ustar with the extensions of pax and GNU, as podman writes it. Pure. Whoever wrote the archive
 * may be hostile: every length is bounded, and what a name means is for the reader of the entries to judge.
 */
import { executorErrors } from './errors.ts';
import { blockBytes } from './tar.ts';

export type TarEntry = {
  /** As written. */
  readonly path: string;
  /** `other` is a link, a device, a pipe. */
  readonly kind: 'file' | 'directory' | 'hard_link' | 'other';
  readonly mode: number;
  readonly sizeBytes: number;
  /** Of a hard link, the entry that it is another name of. */
  readonly linkTarget: string;
  /** To be read before the next entry is asked for; what is not read is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
};

const extensionMaxBytes = 64 * 1024;

export async function* tarEntries(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(archive);
  try {
    yield* entriesOf(reader);
    await reader.drain();
  } finally {
    await reader.close();
  }
}

async function* entriesOf(reader: ByteReader): AsyncGenerator<TarEntry> {
  let extensions: Extensions = {};
  for (;;) {
    const header = await reader.take(blockBytes);
    if (header === null || header.every((byte) => byte === 0)) return;
    const { type, sizeBytes, ...facts } = parsedHeader(header);
    if (type in extensionReaders) {
      if (sizeBytes > extensionMaxBytes) throw unreadable('a header of it is too large');
      const content = await reader.take(sizeBytes);
      await reader.skip(paddingOf(sizeBytes));
      if (content === null) throw unreadable('it ends in the middle');
      extensions = { ...extensions, ...extensionReaders[type as keyof typeof extensionReaders](content) };
      continue;
    }
    const kind = kinds[type] ?? 'other';
    const size = kind === 'file' ? (extensions.sizeBytes ?? sizeBytes) : 0;
    const content = reader.part(size);
    yield {
      ...{ kind, mode: facts.mode, sizeBytes: size, content },
      path: extensions.path ?? facts.path,
      linkTarget: extensions.linkTarget ?? facts.linkTarget,
    };
    for await (const _ of content);
    await reader.skip(paddingOf(size));
    extensions = {};
  }
}

const kinds: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '\0': 'file', '1': 'hard_link', '5': 'directory' };
const paddingOf = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes;
const unreadable = (reason: string) => executorErrors.ARCHIVE_UNREADABLE({ reason });

type Extensions = { readonly path?: string; readonly linkTarget?: string; readonly sizeBytes?: number };

const extensionReaders = {
  x: paxExtensions,
  g: (): Extensions => ({}),
  L: (content: Uint8Array): Extensions => ({ path: textUpToNul(content) }),
  K: (content: Uint8Array): Extensions => ({ linkTarget: textUpToNul(content) }),
} as const;

/** Records of `LENGTH key=value\n`. */
function paxExtensions(content: Uint8Array): Extensions {
  const found = new Map<string, string>();
  for (let from = 0; from < content.length;) {
    const space = content.indexOf(0x20, from);
    const length = space < 0 ? Number.NaN : Number(textOf(content.subarray(from, space)));
    if (!Number.isSafeInteger(length) || length <= space - from + 1 || from + length > content.length)
      throw unreadable('a header of it is damaged');
    const record = textOf(content.subarray(space + 1, from + length - 1));
    const cut = record.indexOf('=');
    if (cut > 0) found.set(record.slice(0, cut), record.slice(cut + 1));
    from += length;
  }
  const [path, linkTarget, size] = [found.get('path'), found.get('linkpath'), found.get('size')];
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw unreadable('a size in it is no number');
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}

function parsedHeader(header: Uint8Array) {
  const text = (from: number, length: number) => textUpToNul(header.subarray(from, from + length));
  const octal = (from: number, length: number) => {
    const digits = text(from, length).trim();
    if (!/^[0-7]*$/.test(digits)) throw unreadable('a number in it is none');
    return Number.parseInt(digits || '0', 8);
  };
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (octal(148, 8) !== sum) throw unreadable('a checksum in it is wrong');
  const prefix = text(257, 5) === 'ustar' && header[262] === 0 ? text(345, 155) : '';
  return {
    path: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    linkTarget: text(157, 100),
    mode: octal(100, 8),
    sizeBytes: octal(124, 12),
    type: String.fromCharCode(header[156] ?? 0),
  };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function textUpToNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return textOf(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Takes a stream of chunks apart where its reader wants, and holds no more than one chunk and what was asked for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes, or null at the end of the stream. */
  async take(length: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#pieces(length)) parts.push(part);
    const whole = Buffer.concat(parts);
    if (whole.length < length && whole.length > 0) throw unreadable('it ends in the middle');
    return whole.length < length ? null : new Uint8Array(whole);
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.#pieces(length));
  }

  /** So many bytes as they come; an archive that ends before is an error. */
  part(length: number): AsyncIterable<Uint8Array> {
    let left = length;
    const pieces = (wanted: number) => this.#pieces(wanted);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const piece of pieces(left)) {
          left -= piece.length;
          yield piece;
        }
        if (left > 0) throw unreadable('it ends in the middle');
      },
    };
  }

  /** Whoever writes the archive has written it to the end. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  /** Whoever writes it need not go on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async *#pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const step = await this.#chunks.next();
        if (step.done === true) return;
        this.#rest = step.value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
