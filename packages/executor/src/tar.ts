/** A tar archive (ustar) made in memory, for build contexts that never touch the disk. Pure. */
const blockBytes = 512;

/** File name → its text. Names are ours and short; a longer one is a mistake of ours. */
export function tarOfFiles(files: Readonly<Record<string, string | Uint8Array>>, mode = 0o644): Uint8Array {
  const members = Object.entries(files).flatMap(([name, content]) =>
    memberOf(name, typeof content === 'string' ? new TextEncoder().encode(content) : content, mode),
  );
  return concatenated([...members, new Uint8Array(2 * blockBytes)]);
}

export type TarMember = { readonly name: string; readonly content: string | Uint8Array };

/** The same, member by member as they come: what has been sent is not kept. */
export async function* tarStream(...parts: readonly (AsyncIterable<TarMember> | readonly TarMember[])[]): AsyncGenerator<Uint8Array> {
  for (const part of parts)
    for await (const { name, content } of part)
      yield* memberOf(name, typeof content === 'string' ? new TextEncoder().encode(content) : content, 0o644);
  yield new Uint8Array(2 * blockBytes);
}

function memberOf(name: string, content: Uint8Array, mode: number): readonly Uint8Array[] {
  const padding = new Uint8Array((blockBytes - (content.length % blockBytes)) % blockBytes);
  return [headerOf(name, content.length, mode), content, padding];
}

function headerOf(name: string, size: number, mode: number): Uint8Array {
  if (new TextEncoder().encode(name).length > 100) throw new RangeError(`tar member name is too long: ${name}`);
  const header = new Uint8Array(blockBytes);
  const put = (offset: number, text: string) => header.set(new TextEncoder().encode(text), offset);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  put(0, name);
  put(100, `${octal(mode, 7)}\0`);
  put(108, `${octal(0, 7)}\0`);
  put(116, `${octal(0, 7)}\0`);
  put(124, `${octal(size, 11)}\0`);
  put(136, `${octal(0, 11)}\0`);
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\u000000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return header;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
