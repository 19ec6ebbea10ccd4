/** Takes secrets out of what a container printed. */
import { redact } from '@terok/sandbox';

/** Lines of a log without any of the values. A value never spans lines, so a line can be judged alone. */
export async function* redactedLines(chunks: AsyncIterable<Uint8Array>, values: readonly string[]): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  for await (const bytes of chunks) {
    const text = rest + decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (end > 0) yield encoder.encode(redact(text.slice(0, end), values));
  }
  const last = rest + decoder.decode();
  if (last !== '') yield encoder.encode(redact(last, values));
}
