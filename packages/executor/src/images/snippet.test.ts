import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectLayer } from './project-layer.ts';
import { instructionsOf } from './containerfile.ts';
import { snippetProblems, writtenSnippets } from './snippet.ts';

const name = 'image.snippet';
const problems = (text: string) => snippetProblems({ name, text }).map(({ line, message }) => `${line}: ${message}`);

test('what may stand in a snippet is taken, whatever user it ends as', () => {
  expect(problems('# tools\nRUN make \\\n  it\nENV A=b\nARG C\nSHELL ["/bin/bash", "-c"]\nWORKDIR /x\nUSER root\n')).toEqual([]);
});

test.each([
  ['FROM debian:13', '1: `FROM` is not taken: the layer stands on the image of the agents; name another base in `image.base`'],
  ['RUN a\nfrom b', '2: `FROM` is not taken: '],
  ['RUN a\n\nCOPY x /x', '3: `COPY` is not taken: there are no files to copy from'],
  ['ADD x /x', '1: `ADD` is not taken: there are no files to add'],
  ['LABEL ai.terok.root=x', '1: `LABEL` is not taken: labels are how terok knows its images'],
  ['ENTRYPOINT ["/x"]', '1: `ENTRYPOINT` is not taken: '],
  ['RNU x', '1: `RNU` is not taken: what is: RUN, ENV, ARG, USER, WORKDIR, SHELL'],
  ['RUN a\nRUN b \\\n', '2: `RUN` is not finished: its last line ends with a backslash'],
  ['RUN a\nRUN \u001b[2J', '2: holds a control character'],
])('%j is a problem with its line', (text, said) => {
  expect(problems(text)).toEqual([expect.stringContaining(said)]);
});

test('a snippet without an instruction is none, and line ends of Windows are ours', () => {
  expect(writtenSnippets([{ name, text: '\n# nothing yet\n' }])).toEqual([]);
  expect(writtenSnippets([{ name, text: 'RUN a\r\nRUN b\r\n' }])).toEqual([{ name, text: 'RUN a\nRUN b' }]);
});

test('no snippet that is taken can change what stands before it or after it', () => {
  const base = { reference: 'localhost/x:1', contentHash: 'x' };
  const [own] = [instructionsOf(projectLayer(base, []).containerfile)];
  const words = fc.constantFrom('RUN', 'USER root', 'FROM x', 'LABEL a=b', ' ', '\\', '\n', '#', '"', "'", 'a', '&&', '<<E', '\r');
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 12 }).map((parts) => parts.join('')),
      (text) => {
        const snippets = writtenSnippets([{ name, text }]);
        if (snippets.flatMap(snippetProblems).length > 0) return;
        const all = instructionsOf(projectLayer(base, snippets).containerfile);
        const texts = all.map(({ text: of }) => of);
        const ours = own.map(({ text: of }) => of);
        expect(texts.slice(0, ours.length - 4)).toEqual(ours.slice(0, -4));
        expect(texts.slice(-4)).toEqual(ours.slice(-4));
        expect(all.filter(({ keyword }) => keyword === 'FROM' || keyword === 'LABEL')).toHaveLength(1);
      },
    ),
    { numRuns: 2000 },
  );
});
