/** Text from outside, made fit for a terminal and a record. */

// ESC [ … final byte; ESC ] … BEL or ESC \ (also DCS, SOS, PM, APC); ESC and one more; the same with the 8-bit introducers.
// An unfinished string sequence ends at the line's end, so that it cannot swallow the rest of the text.
const escapeSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** What reorders or hides text: bidi marks, embeddings, overrides and isolates, zero-width blanks, line separators, tags, a stray byte-order mark. */
const invisibles = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/**
 * Text without anything that moves a cursor, changes a colour, or shows other than it reads: escape sequences and C0/C1 controls are removed
 * (tab and newline stay, CR LF becomes a newline), characters that reorder or hide text appear as `<U+202E>`. Zero-width joiners stay: scripts and emoji need them.
 */
export function stripControl(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(escapeSequences, '').replace(controls, '').replace(invisibles, named).toWellFormed();
}

/** The same on one line: every run of newlines and tabs becomes one blank. */
export function printable(text: string): string {
  if (harmless.test(text)) return text.trim();
  return stripControl(text)
    .replace(/[\n\t]+/g, ' ')
    .trim();
}

/** Most text is, and there is nothing to look for in it. */
const harmless = /^[ -~]*$/;

function named(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
