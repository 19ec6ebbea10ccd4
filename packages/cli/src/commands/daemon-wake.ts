import { wakeDaemon } from '@terok/lifecycle-daemon';
import { askDaemon, replaceOlder } from '../daemon/ask-daemon.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStateJson, DaemonWakeJson } from '../json/daemon-json.ts';
import { ownVersion } from '../versions/versions.ts';

type Flags = { readonly json?: boolean };

export async function runDaemonWake(invocation: Invocation, { json }: Flags): Promise<void> {
  const { host, out, note } = invocation;
  const onReplacement = () => replaceOlder(invocation);
  const woken = await wakeDaemon(await host(), { version: ownVersion(), reason: 'terok daemon wake', onReplacement });
  if (woken === 'failed') throw cliErrors.DAEMON_NOT_WOKEN({});
  if (json) return out.json({ woken } satisfies DaemonWakeJson);
  note.say(woken === 'told' ? 'The daemon is awake.' : 'No daemon runs; a mark waits for the next one.');
}

export async function runDaemonSleep(invocation: Invocation, { json }: Flags): Promise<void> {
  const { out, note } = invocation;
  const { state } = await askDaemon(invocation, (daemon) => daemon.request('sleep-now', { reason: 'terok daemon sleep' }));
  if (json) return out.json({ state } satisfies DaemonStateJson);
  note.say(`The daemon is in ${state}.`);
  note.hint('See what it does with `terok daemon logs --follow`.');
}
