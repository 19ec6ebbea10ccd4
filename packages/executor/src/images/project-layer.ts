/** Layer L2: what a project adds to the image of its agents. Pure. */
import { containerUser } from '../run-spec.ts';
import { inContainer } from '../workspace/prepare-script.ts';
import { caInContainer, caVariables } from './certificates.ts';
import { hashOf, type BuildContext } from './layers.ts';
import type { Snippet } from './snippet.ts';

/** In every layer of this kind, so that apt believes the host's authorities while it is built. */
const aptTrust = '/etc/apt/apt.conf.d/99terok-build';

/** The snippets run as root, in their order, with the network of the build; whatever they leave, tasks run as `dev`. */
export function projectLayer(
  base: { readonly reference: string; readonly contentHash: string },
  snippets: readonly Snippet[],
): BuildContext {
  const before = [
    `FROM ${base.reference}`,
    'USER root',
    'WORKDIR /',
    // Their values come with the build and do not stay in the image.
    ...caVariables.map((name) => `ARG ${name}`),
    `RUN if [ -s ${caInContainer} ] && [ -d /etc/apt/apt.conf.d ]; then echo 'Acquire::https::CaInfo "${caInContainer}";' >${aptTrust}; fi`,
  ];
  const after = [
    'USER root',
    // Spelled out, for a snippet may have chosen another shell.
    `RUN ["/bin/rm", "-f", "${aptTrust}"]`,
    `USER ${containerUser.uid}:${containerUser.gid}`,
    `WORKDIR ${inContainer.workspace}`,
    '',
  ];
  const written = snippets.map(({ name, text }) => ({ name, lines: text.split('\n') }));
  const containerfile = [...before, ...written.flatMap(({ lines }) => lines), ...after].join('\n');
  let firstLine = before.length + 1;
  const sources = written.map(({ name, lines }) => {
    const source = { name, firstLine, lastLine: firstLine + lines.length - 1 };
    firstLine += lines.length;
    return source;
  });
  return { layer: 'L2', containerfile, files: {}, sources, contentHash: hashOf([base.contentHash, containerfile]) };
}
