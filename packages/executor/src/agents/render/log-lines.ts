/** Bytes of a stream, cut into lines of text; a character or a line may be cut anywhere. */

export interface LogLines {
  push(bytes: Uint8Array): readonly string[];
  /** The last line, if it was not ended. */
  end(): readonly string[];
}

/** A line beyond this is given out in pieces: whoever prints without end fills no memory. */
const lineMaxChars = 4 * 1024 * 1024;

export function logLines(): LogLines {
  const decoder = new TextDecoder();
  let rest = '';
  const cut = (text: string): readonly string[] => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineMaxChars) {
      lines.push(rest);
      rest = '';
    }
    return lines;
  };
  return {
    push: (bytes) => cut(decoder.decode(bytes, { stream: true })),
    end() {
      const lines = cut(decoder.decode());
      const last = rest;
      rest = '';
      return last === '' ? lines : [...lines, last];
    },
  };
}
