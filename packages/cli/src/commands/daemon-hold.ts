/** What keeps the house from sleeping for a while: a pause, or a lease. */
import { askDaemon } from '../daemon/ask-daemon.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonKeepAwakeJson, DaemonPauseJson, DaemonReleaseJson, DaemonResumeJson } from '../json/daemon-json.ts';

type Flags = { readonly json?: boolean };
type ForFlags = Flags & { readonly for: number };

export async function runDaemonPause({ host, out, note }: Invocation, flags: ForFlags): Promise<void> {
  const { paused_until_ts: until } = await askDaemon(await host(), (daemon) => daemon.request('pause', { for_sec: flags.for }));
  if (flags.json) return out.json({ paused_until: until } satisfies DaemonPauseJson);
  note.say(`It does not sleep before ${until}.`);
  note.hint('End that earlier with `terok daemon resume`.');
}

export async function runDaemonResume({ host, out, note }: Invocation, { json }: Flags): Promise<void> {
  const { was_paused: paused } = await askDaemon(await host(), (daemon) => daemon.request('resume', {}));
  if (json) return out.json({ was_paused: paused } satisfies DaemonResumeJson);
  note.say(paused ? 'The pause is over.' : 'There was no pause.');
}

export async function runDaemonKeepAwake({ host, out, note }: Invocation, flags: ForFlags & { readonly reason: string }): Promise<void> {
  const lease = await askDaemon(await host(), (daemon) => daemon.request('keep-awake', { for_sec: flags.for, reason: flags.reason }));
  if (flags.json) return out.json({ lease: lease.lease_id, until: lease.until_ts } satisfies DaemonKeepAwakeJson);
  await out.line(lease.lease_id);
  note.say(`It stays awake until ${lease.until_ts}.`);
  note.hint(`End that earlier with \`terok daemon release ${lease.lease_id}\`.`);
}

export async function runDaemonRelease({ host, out, note }: Invocation, { json }: Flags, leaseId: string): Promise<void> {
  const { released } = await askDaemon(await host(), (daemon) => daemon.request('release-lease', { lease_id: leaseId }));
  if (json) return out.json({ released } satisfies DaemonReleaseJson);
  note.say(released ? 'The lease is over.' : 'There is no such lease, or it was over already.');
}
