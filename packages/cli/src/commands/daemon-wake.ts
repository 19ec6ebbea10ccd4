import { wakeDaemon } from '@terok/lifecycle-daemon';
import { askDaemon } from '../daemon/ask-daemon.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStateJson, DaemonWakeJson } from '../json/daemon-json.ts';
import { ownVersion } from '../versions.ts';

type Flags = { readonly json?: boolean };

export async function runDaemonWake({ host, out, note }: Invocation, { json }: Flags): Promise<void> {
  const woken = await wakeDaemon(await host(), { version: ownVersion(), reason: 'terok daemon wake' });
  if (woken === 'failed') throw cliErrors.DAEMON_NOT_WOKEN({});
  if (json) return out.json({ woken } satisfies DaemonWakeJson);
  note.say(woken === 'told' ? 'The daemon is awake.' : 'No daemon runs; a mark waits for the next one.');
}

export async function runDaemonSleep({ host, out, note }: Invocation, { json }: Flags): Promise<void> {
  const { state } = await askDaemon(await host(), (daemon) => daemon.request('sleep-now', { reason: 'terok daemon sleep' }));
  if (json) return out.json({ state } satisfies DaemonStateJson);
  note.say(`The daemon is in ${state}.`);
  note.hint('See what it does with `terok daemon logs --follow`.');
}
