/** The daemon's log: what is on the disk, then, with `--follow`, what it says from now on. */
import { eventsSince, type DaemonEvent } from '@terok/lifecycle-daemon';
import { exitStatus, printable } from '@terok/sandbox';
import { watchAttention } from '../attended/attention.ts';
import { askDaemon } from '../daemon/ask-daemon.ts';
import type { Invocation } from '../invocation.ts';
import { formatDuration } from '../output/duration.ts';

export type DaemonLogsFlags = { readonly since: number; readonly follow?: boolean; readonly json?: boolean };

export async function runDaemonLogs(invocation: Invocation, flags: DaemonLogsFlags): Promise<number> {
  const { host, out, note, world } = invocation;
  const opened = await host();
  const print = (event: DaemonEvent): Promise<void> => out.line(flags.json ? JSON.stringify(event) : eventText(event));
  const since = new Date(opened.clock.now().getTime() - flags.since * 1000);
  if (!flags.follow) {
    const events = await eventsSince(opened, since);
    for (const event of events) await print(event);
    if (events.length === 0 && !flags.json) note.say(`The daemon has said nothing for ${formatDuration(flags.since)}.`);
    return exitStatus.ok;
  }

  const attention = watchAttention(world, note);
  try {
    return await askDaemon(invocation, async (daemon) => {
      const leave = AbortSignal.any([attention.interrupt, attention.departure]);
      leave.addEventListener('abort', () => daemon.close(), { once: true });
      // Subscribed before the disk is read, so that nothing falls between the two; what comes in both is told once.
      await daemon.request('subscribe', {});
      const told = new Set<string>();
      for (const event of await eventsSince(opened, since)) {
        await print(event);
        told.add(JSON.stringify(event));
      }
      if (!leave.aborted) for await (const event of daemon.events()) if (!told.delete(JSON.stringify(event))) await print(event);
      return attention.interrupt.aborted ? exitStatus.interrupted : exitStatus.ok;
    });
  } finally {
    attention.end();
  }
}

/** `2026-05-02T15:00:00.000+00:00  state_transition  from WAKE, to DROWSY` */
function eventText({ ts, event, ...said }: DaemonEvent): string {
  const parts = Object.entries(said).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return printable(`${String(ts)}  ${event}${parts.length === 0 ? '' : `  ${parts.join(', ')}`}`);
}
