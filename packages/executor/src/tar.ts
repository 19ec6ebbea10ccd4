/** A tar archive (ustar, with pax headers for long names) made in memory, for what never touches the disk. Pure. */
export const blockBytes = 512;
const nameMaxBytes = 100;

/** File name → its text. */
export function tarOfFiles(files: Readonly<Record<string, string | Uint8Array>>, mode = 0o644): Uint8Array {
  const members = Object.entries(files).flatMap(([name, content]) => memberOf({ name, content, mode }));
  return concatenated([...members, new Uint8Array(2 * blockBytes)]);
}

/** A folder has no content. Without a mode, 0644 and 0755. */
export type TarMember =
  | { readonly name: string; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly name: string; readonly directory: true; readonly mode?: number };

/** The same, member by member as they come: what has been sent is not kept. */
export async function* tarStream(...parts: readonly (AsyncIterable<TarMember> | readonly TarMember[])[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) for await (const member of part) yield* memberOf(member);
  yield new Uint8Array(2 * blockBytes);
}

function memberOf(member: TarMember): readonly Uint8Array[] {
  if ('directory' in member) return [...headersOf({ name: `${member.name}/`, size: 0, mode: member.mode ?? 0o755, type: '5' })];
  const content = typeof member.content === 'string' ? new TextEncoder().encode(member.content) : member.content;
  return [...headersOf({ name: member.name, size: content.length, mode: member.mode ?? 0o644, type: '0' }), ...padded(content)];
}

function padded(content: Uint8Array): readonly Uint8Array[] {
  return [content, new Uint8Array((blockBytes - (content.length % blockBytes)) % blockBytes)];
}

type Header = { readonly name: string; readonly size: number; readonly mode: number; readonly type: '0' | '5' | 'x' };

/** A name that does not fit goes before, in a header of its own, and what stands in its place is not read. */
function headersOf(header: Header): readonly Uint8Array[] {
  const { name } = header;
  if (new TextEncoder().encode(name).length <= nameMaxBytes) return [headerOf(header)];
  const record = paxRecord('path', name);
  return [
    headerOf({ name: 'pax', size: record.length, mode: 0o644, type: 'x' }),
    ...padded(record),
    headerOf({ ...header, name: name.endsWith('/') ? 'long/' : 'long' }),
  ];
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return concatenated([new TextEncoder().encode(String(length)), rest]);
}

function headerOf({ name, size, mode, type }: Header): Uint8Array {
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
  put(156, type);
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
