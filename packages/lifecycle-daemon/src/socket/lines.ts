/** Bytes of a stream cut into lines, of which none grows past a limit. Pure but for what it still holds of the line that is coming. */

export type Line =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too_long'; readonly maxBytes: number }
  | { readonly kind: 'not_utf8' };

export interface LineCutter {
  /** The lines that end in these bytes. Of one that is too long only that is told, once, and the rest of it is skipped. */
  push(bytes: Uint8Array): readonly Line[];
  /** The line that the stream ended in without a newline, if there is one. */
  end(): readonly Line[];
}

export function lineCutter({ maxBytes }: { readonly maxBytes: number }): LineCutter {
  let parts: Uint8Array[] = [];
  let heldBytes = 0;
  let skipping = false;

  const add = (bytes: Uint8Array): readonly Line[] => {
    if (skipping) return [];
    if (heldBytes + bytes.length > maxBytes) {
      [parts, heldBytes, skipping] = [[], 0, true];
      return [{ kind: 'too_long', maxBytes }];
    }
    // A copy: the part of a small line must not keep a whole chunk in memory.
    if (bytes.length > 0) parts.push(Uint8Array.from(bytes));
    heldBytes += bytes.length;
    return [];
  };
  const close = (): readonly Line[] => {
    const line = skipping ? [] : [decoded(Buffer.concat(parts, heldBytes))];
    [parts, heldBytes, skipping] = [[], 0, false];
    return line;
  };

  return {
    push(bytes) {
      const lines: Line[] = [];
      let from = 0;
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
        lines.push(...add(bytes.subarray(from, at)), ...close());
        from = at + 1;
      }
      return [...lines, ...add(bytes.subarray(from))];
    },
    end: () => (heldBytes === 0 ? [] : close()),
  };
}

const newline = 0x0a;

function decoded(bytes: Buffer): Line {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: 'text', text: text.endsWith('\r') ? text.slice(0, -1) : text };
  } catch {
    return { kind: 'not_utf8' };
  }
}
