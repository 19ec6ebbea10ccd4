/** A container's output on its way to a terminal: bytes in, text out that can no longer command the terminal. */
import { stripControl } from '@terok/sandbox';

export interface LogText {
  /** The text of these bytes, as far as it can be judged already. */
  push(bytes: Uint8Array): string;
  /** What was still held back. */
  end(): string;
}

/** Longest start of an escape sequence that is kept waiting for its end. */
const heldMaxChars = 256;

/** Pieces may end inside a character, an escape sequence or a line end; what cannot be judged yet waits for the next piece. */
export function logText(): LogText {
  const decoder = new TextDecoder('utf-8');
  let held = '';

  const flush = (text: string, last: boolean): string => {
    const whole = held + text;
    const cut = last ? whole.length : unfinishedFrom(whole);
    held = whole.slice(cut);
    return stripControl(lineEnds(whole.slice(0, cut)));
  };
  return {
    push: (bytes) => flush(decoder.decode(bytes, { stream: true }), false),
    end: () => flush(decoder.decode(), true),
  };
}

/** A carriage return redraws a line on a terminal; here each drawing gets a line of its own. */
const lineEnds = (text: string) => text.replaceAll(/\r+\n/g, '\n').replaceAll('\r', '\n');

/** Where the part begins that the next piece may still change: an escape sequence without its end, or a final carriage return. */
function unfinishedFrom(text: string): number {
  const match = /(?:\u001B(?:[[\]PX^_][^\u0007\u001B\n]*|[ -/]*)?|\u009B[0-?]*[ -/]*|\r+)$/.exec(text);
  if (match === null || text.length - match.index > heldMaxChars) return text.length;
  return isFinishedControlSequence(match[0]) ? text.length : match.index;
}

/** `ESC [`, parameters, intermediates and one final byte: nothing that follows belongs to it. */
const isFinishedControlSequence = (text: string) => /^\u001B\[[0-?]*[ -/]*[@-~]/.test(text);
