/** `wake.signal`: what those leave behind who want the daemon awake and find nobody listening. That it is there is all it says. */
import { formatInstant, type Clock, type Files, type Paths } from '@terok/sandbox';

export type WakeSignalContext = { readonly paths: Pick<Paths, 'wakeSignal'>; readonly files: Files; readonly clock: Clock };

/** Whoever asks twice asks once. */
export async function markWake({ paths, files, clock }: WakeSignalContext): Promise<void> {
  await files.replace(paths.wakeSignal, `${JSON.stringify({ requested_at: formatInstant(clock.now()) })}\n`);
}

/** Whether a regular file is there. */
export async function isWakeMarked({ paths, files }: Pick<WakeSignalContext, 'paths' | 'files'>): Promise<boolean> {
  return (await files.stat(paths.wakeSignal))?.kind === 'file';
}

/** Takes the mark away; true when one was there. */
export async function consumeWakeMark(ctx: Pick<WakeSignalContext, 'paths' | 'files'>): Promise<boolean> {
  return (await isWakeMarked(ctx)) && (await ctx.files.remove(ctx.paths.wakeSignal));
}
