/** What keeps the house from sleeping for a while: a pause, or a lease. */
import { askDaemon } from '../daemon/ask-daemon.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonKeepAwakeJson, DaemonPauseJson, DaemonReleaseJson, DaemonResumeJson } from '../json/daemon-json.ts';

type Flags = { readonly json?: boolean };
type ForFlags = Flags & { readonly for: number };

export async function runDaemonPause(invocation: Invocation, flags: ForFlags): Promise<void> {
  const { paused_until_ts: until } = await askDaemon(invocation, (daemon) => daemon.request('pause', { for_sec: flags.for }));
  if (flags.json) return invocation.out.json({ paused_until: until } satisfies DaemonPauseJson);
  invocation.note.say(`It does not sleep before ${until}.`);
  invocation.note.hint('End that earlier with `terok daemon resume`.');
}

export async function runDaemonResume(invocation: Invocation, { json }: Flags): Promise<void> {
  const { was_paused: paused } = await askDaemon(invocation, (daemon) => daemon.request('resume', {}));
  if (json) return invocation.out.json({ was_paused: paused } satisfies DaemonResumeJson);
  invocation.note.say(paused ? 'The pause is over.' : 'There was no pause.');
}

export async function runDaemonKeepAwake(invocation: Invocation, flags: ForFlags & { readonly reason: string }): Promise<void> {
  const lease = await askDaemon(invocation, (daemon) => daemon.request('keep-awake', { for_sec: flags.for, reason: flags.reason }));
  if (flags.json) return invocation.out.json({ lease: lease.lease_id, until: lease.until_ts } satisfies DaemonKeepAwakeJson);
  await invocation.out.line(lease.lease_id);
  invocation.note.say(`It stays awake until ${lease.until_ts}.`);
  invocation.note.hint(`End that earlier with \`terok daemon release ${lease.lease_id}\`.`);
}

export async function runDaemonRelease(invocation: Invocation, { json }: Flags, leaseId: string): Promise<void> {
  const { released } = await askDaemon(invocation, (daemon) => daemon.request('release-lease', { lease_id: leaseId }));
  if (json) return invocation.out.json({ released } satisfies DaemonReleaseJson);
  invocation.note.say(released ? 'The lease is over.' : 'There is no such lease, or it was over already.');
}
