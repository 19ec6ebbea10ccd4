/** Layer L1: agents over the base. Pure; the packages themselves are only named here, by their hashes. */
import type { Agent, AgentPackage } from '../agents/agent.ts';
import { containerUser } from '../run-spec.ts';
import { archiveName } from './agent-packages.ts';
import { hashOf, type BuildContext } from './layers.ts';

/** The names that Node and the kernel give to the processors that agents are made for. */
const machines = { x64: 'x86_64', arm64: 'aarch64' } as const;
type Architecture = keyof typeof machines;
const isArchitecture = (text: string): text is Architecture => Object.hasOwn(machines, text);

export type AgentLayer = BuildContext & {
  /** Name in the build context → the package whose archive is to stand there. */
  readonly archives: Readonly<Record<string, AgentPackage>>;
};

const agentsDirectory = '/opt/terok/agents';

export function agentLayer(
  base: { readonly reference: string; readonly contentHash: string },
  agents: readonly Agent[],
  architecture: string,
): AgentLayer {
  const sorted = agents.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const wanted = sorted.flatMap((agent) => packagesFor(agent, architecture).map((each) => ({ agent, each })));
  const archives = Object.fromEntries(wanted.map(({ each }) => [archiveName(each.integrity), each]));
  const settings = sorted
    .flatMap(({ install }) => Object.entries(install.files))
    .map(([path, text], index) => ({ name: `settings-${index}`, path, text }));
  const containerfile = [
    `FROM ${base.reference}`,
    'USER root',
    ...(wanted.length === 0 ? [] : [`COPY ${[...Object.keys(archives)].join(' ')} /tmp/terok-packages/`]),
    ...wanted.map(({ agent, each }) => `RUN ${unpacked(agent.name, each)}`),
    ...sorted.flatMap((agent) => commandLines(agent, architecture)),
    ...(wanted.length === 0 ? [] : ['RUN rm -rf /tmp/terok-packages']),
    ...settings.map(({ name, path }) => `COPY --chmod=0644 ${name} ${path}`),
    'COPY --chmod=0644 installed.env /etc/terok/installed.env',
    `USER ${containerUser.uid}:${containerUser.gid}`,
    '',
  ].join('\n');
  const files = {
    'installed.env': `TEROK_INSTALLED_AGENTS=${sorted.map(({ name }) => name).join(',')}\n`,
    ...Object.fromEntries(settings.map(({ name, text }) => [name, text])),
  };
  const recipe = [containerfile, ...wanted.map(({ each }) => each.integrity), ...Object.entries(files).flat()];
  return { layer: 'L1', containerfile, files, sources: [], archives, contentHash: hashOf([base.contentHash, ...recipe]) };
}

/** What an agent needs on this kind of processor. */
export const packagesFor = ({ install }: Agent, architecture: string): readonly AgentPackage[] =>
  install.packages.filter((each) => each.architecture === null || each.architecture === architecture);

const folderOf = (agent: string): string => `${agentsDirectory}/${agent}/node_modules`;

/** The first folder of an npm archive is npm's own affair; whose the files were, too. */
function unpacked(agent: string, { directory, integrity }: AgentPackage): string {
  const folder = `${folderOf(agent)}/${directory}`;
  const extract = `tar -xzf /tmp/terok-packages/${archiveName(integrity)} --strip-components=1 --no-same-owner -C ${folder}`;
  return `mkdir -p ${folder} && ${extract} && chmod -R a+rX,go-w ${folder}`;
}

function commandLines(agent: Agent, architecture: string): readonly string[] {
  const machine = isArchitecture(architecture) ? machines[architecture] : architecture;
  return Object.entries(agent.install.commands).map(([command, file]) => {
    const target = `${folderOf(agent.name)}/${file.replaceAll('{architecture}', architecture).replaceAll('{machine}', machine)}`;
    return `RUN test -f ${target} && chmod a+x ${target} && ln -sf ${target} /usr/local/bin/${command}`;
  });
}
