/** Names that become one component of a path, and can become nothing else. */
import { sandboxErrors } from './errors.ts';
import { printable } from './printable.ts';

const segmentMaxBytes = 255;

/** `text` itself, or PATH_SEGMENT_UNSAFE. `kind` is the word for it in the message: "project", "task". */
export function pathSegment(kind: string, text: string): string {
  if (plain.test(text)) return text;
  const reason = unsafeBecause(text);
  if (reason !== null) throw sandboxErrors.PATH_SEGMENT_UNSAFE({ kind, text: printable(text).slice(0, 80), reason });
  return text;
}

/** What names are as a rule; nothing in them can lead elsewhere. */
const plain = /^[A-Za-z0-9][A-Za-z0-9_-]{0,200}$/;

function unsafeBecause(text: string): string | null {
  if (text === '') return 'it is empty';
  if (text === '.' || text.startsWith('..')) return 'it starts with dots that lead elsewhere';
  if (/[/\\]/.test(text)) return 'it holds a slash';
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'it holds a control character';
  if (!text.isWellFormed()) return 'it is not valid Unicode';
  if (Buffer.byteLength(text, 'utf8') > segmentMaxBytes) return `it is longer than ${segmentMaxBytes} bytes`;
  return null;
}
