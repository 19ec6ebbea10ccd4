/** Columns that a text takes on a terminal, whatever script it is in. What it stands on takes long to load: import it where it is needed. */
import stringWidth from 'string-width';

export const textWidth = (text: string): number => stringWidth(text);

/** The text itself where it fits, else as much of it as does, ending in `…`. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (textWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
