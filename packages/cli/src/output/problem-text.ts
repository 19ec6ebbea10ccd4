/** One thing that is wrong with a file a person wrote, with the place to look at, as editors and terminals link it. */
import type { ConfigProblem } from '@terok/sandbox';

export function problemText({
  file,
  line,
  column,
  path,
  message,
}: Pick<ConfigProblem, 'file' | 'line' | 'column' | 'path' | 'message'>): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
