/** What more than one sleep step does with a file of ours, as acts of a plan. */
import type { Files } from '@terok/sandbox';
import { compressFile, compressMaxBytes } from './compressed-file.ts';
import type { PlannedAct } from './planned-step.ts';

const worthItBytes = 4096;

/** Null where there is nothing to gain; what is too large to be read whole is kept, and it is said why. */
export async function compression(
  files: Files,
  path: string,
  told: { readonly subject: string; readonly reason: string },
): Promise<PlannedAct | null> {
  const facts = await files.stat(path);
  if (facts?.kind !== 'file' || facts.sizeBytes < worthItBytes) return null;
  if (facts.sizeBytes > compressMaxBytes) return { ...told, decision: 'keep', reason: 'it is too large to be compressed in one piece' };
  return { ...told, decision: 'compress', act: () => compressFile(files, path) };
}

export function removal(files: Files, path: string, told: { readonly reason: string; readonly bytes: number }): PlannedAct {
  return { subject: `file ${path}`, decision: 'remove', ...told, act: async () => void (await files.remove(path)) };
}
