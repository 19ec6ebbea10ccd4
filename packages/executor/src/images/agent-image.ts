/** From a base and a choice of agents to an image that tasks run in; only what is not fresh is built. */
import type { Agent } from '../agents/agent.ts';
import type { TarMember } from '../tar.ts';
import { agentLayer, type AgentLayer } from './agent-layer.ts';
import { packageArchive, type PackageSettings } from './agent-packages.ts';
import { ensureBase, type BaseSettings } from './base.ts';
import { buildLayer, imageId } from './build.ts';
import { baseLayer } from './layers.ts';

export type AgentImage = { readonly reference: string; readonly id: string; readonly built: boolean };

export type AgentImageSettings = BaseSettings & PackageSettings & { readonly rebuild: boolean; readonly architecture: string };

export async function buildAgentImage(base: string, agents: readonly Agent[], settings: AgentImageSettings): Promise<AgentImage> {
  const { reference: baseReference, id: baseId } = await ensureBase(base, settings);
  const l0Context = baseLayer(baseReference, baseId);
  const l0 = await buildLayer(l0Context, settings);
  const context = agentLayer({ reference: l0.reference, contentHash: l0Context.contentHash }, agents, settings.architecture);
  const rebuild = settings.rebuild || l0.built;
  const l1 = await buildLayer(context, { ...settings, rebuild }, archives(context, settings));
  const id = await imageId(settings.podman, l1.reference);
  if (id === null) throw new Error(`the image ${l1.reference} was built and is not there`);
  return { reference: l1.reference, id, built: l1.built };
}

/** One at a time: an archive may be hundreds of megabytes. */
async function* archives(context: AgentLayer, settings: PackageSettings): AsyncGenerator<TarMember> {
  for (const [name, wanted] of Object.entries(context.archives)) yield { name, content: await packageArchive(wanted, settings) };
}
