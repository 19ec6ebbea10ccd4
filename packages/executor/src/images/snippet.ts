/** What a project adds to its image: instructions of a Containerfile, without `FROM`. Pure. */
import { instructionsOf } from './containerfile.ts';

/** One text with the name under which its lines are spoken of: `image.snippet`, or the path of a file. */
export type Snippet = { readonly name: string; readonly text: string };
/** Lines count from 1 within the snippet. */
export type SnippetProblem = { readonly snippet: string; readonly line: number; readonly message: string };

const allowed: readonly string[] = ['RUN', 'ENV', 'ARG', 'USER', 'WORKDIR', 'SHELL'];
const refused: Readonly<Record<string, string>> = {
  FROM: 'the layer stands on the image of the agents; name another base in `image.base`',
  COPY: 'there are no files to copy from: fetch what you need with `RUN curl`, or take it from the repository when the task runs',
  ADD: 'there are no files to add: fetch what you need with `RUN curl`',
  LABEL: 'labels are how terok knows its images',
  CMD: 'terok starts its own program in the container, and this one would never run',
  ENTRYPOINT: 'terok starts its own program in the container, and this one would never run',
  VOLUME: 'terok alone says what is mounted, and this would be left out',
};

/** Nothing wrong: an empty list. Whatever user the last instruction leaves, tasks run as `dev`. */
export function snippetProblems({ name, text }: Snippet): readonly SnippetProblem[] {
  const problem = (line: number, message: string): SnippetProblem => ({ snippet: name, line, message });
  const control = text.split('\n').findIndex((line) => /[\u0000-\u0008\u000b-\u001f\u007f]/.test(line));
  if (control !== -1) return [problem(control + 1, 'holds a control character')];
  return instructionsOf(text).flatMap(({ line, keyword, unfinished }) => {
    if (!allowed.includes(keyword)) {
      const shown = keyword.slice(0, 40);
      return [problem(line, `\`${shown}\` is not taken: ${refused[keyword] ?? `what is: ${allowed.join(', ')}`}`)];
    }
    return unfinished ? [problem(line, `\`${keyword}\` is not finished: its last line ends with a backslash`)] : [];
  });
}

/** The line ends of Windows are taken for ours, and a text without instructions for none. */
export function writtenSnippets(snippets: readonly Snippet[]): readonly Snippet[] {
  return snippets
    .map(({ name, text }) => ({ name, text: text.replaceAll('\r\n', '\n').trimEnd() }))
    .filter(({ text }) => instructionsOf(text).length > 0);
}
