/** From a base and a choice of agents to an image that tasks run in; only what is not fresh is built. */
import type { Agent } from '../agents/roster.ts';
import { imageId } from './build.ts';
import { buildLayer } from './build.ts';
import { ensureBase, type BaseSettings } from './base.ts';
import { agentLayer, baseLayer } from './layers.ts';

export type AgentImage = { readonly reference: string; readonly id: string; readonly built: boolean };

export async function buildAgentImage(
  base: string,
  agents: readonly Agent[],
  rebuild: boolean,
  settings: BaseSettings,
): Promise<AgentImage> {
  const { reference: baseReference, id: baseId } = await ensureBase(base, settings);
  const l0Context = baseLayer(baseReference, baseId);
  const l0 = await buildLayer(l0Context, rebuild, settings);
  const l1 = await buildLayer(agentLayer(l0.reference, l0Context.contentHash, agents), rebuild || l0.built, settings);
  const id = await imageId(settings.podman, l1.reference);
  if (id === null) throw new Error(`the image ${l1.reference} was built and is not there`);
  return { reference: l1.reference, id, built: l1.built };
}
