import { lifecycleStatePath, loadLifecycleState, type DaemonStatus } from '@terok/lifecycle-daemon';
import { compareVersions, exitStatus, parseInstant, printable, type SandboxContext } from '@terok/sandbox';
import { askDaemonIfThere } from '../daemon/ask-daemon.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStatusJson } from '../json/daemon-json.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, type Fact } from '../output/facts.ts';
import { ownVersion } from '../versions/versions.ts';

/** Ends with 1 where no daemon runs. */
export async function runDaemonStatus(invocation: Invocation, { json }: { readonly json?: boolean }): Promise<number> {
  const { host, out, note } = invocation;
  const opened = await host();
  const asked = await askDaemonIfThere(invocation, async (daemon) => ({
    status: await daemon.request('status', {}),
    version: daemon.daemonVersion(),
  }));
  const told = asked === null ? await lastKnown(opened) : running(asked.of);
  if (json) await out.json(told);
  else {
    await out.text(formatFacts(facts(told, opened.clock.now()), out.paint));
    for (const trouble of told.troubles) note.warn(printable(trouble));
    if (told.version !== null && compareVersions(told.version, ownVersion()) < 0)
      note.hint('It is of an older release, and ends for this one. If it comes back as it is: `terok daemon install`.');
    if (!told.running) note.hint('Start it with `terok daemon start`, or let systemd do so with `terok daemon install`.');
  }
  return told.running ? exitStatus.ok : exitStatus.failure;
}

function running({ status, version }: { readonly status: DaemonStatus; readonly version: string | null }): DaemonStatusJson {
  return {
    running: true,
    state: status.state,
    since: status.since_ts,
    version,
    pid: status.pid,
    started_at: status.started_ts,
    idle_s: status.idle_sec,
    resident: status.resident,
    paused_until: status.paused_until_ts,
    leases: status.leases.map(({ lease_id, reason, until_ts }) => ({ lease: lease_id, reason, until: until_ts })),
    kept_awake_by: status.vetoes,
    running_step: status.cycle.running_step,
    digest: status.digest_id,
    clients: status.clients,
    troubles: status.troubles,
  };
}

async function lastKnown(host: SandboxContext): Promise<DaemonStatusJson> {
  const known = (await host.files.stat(lifecycleStatePath(host.paths))) === null ? null : (await loadLifecycleState(host)).record;
  return {
    running: false,
    state: known?.current_state ?? null,
    since: known?.since_ts ?? null,
    version: null,
    pid: null,
    started_at: null,
    idle_s: null,
    resident: null,
    paused_until: null,
    leases: [],
    kept_awake_by: null,
    running_step: null,
    digest: null,
    clients: null,
    troubles: [],
  };
}

function facts(told: DaemonStatusJson, now: Date): readonly Fact[] {
  const {
    state,
    since,
    version,
    pid,
    idle_s: idle,
    resident,
    paused_until: paused,
    leases,
    kept_awake_by: awake,
    running_step: step,
  } = told;
  const known: readonly (readonly [string, string | null])[] = [
    ['daemon', told.running ? `running, process ${pid}, release ${printable(version ?? 'unknown')}` : 'not running'],
    ['state', state === null ? null : `${state}${lasting(since, now)}`],
    ['nobody there for', idle === null ? null : formatDuration(idle)],
    ['at the end', resident === null ? null : resident ? 'stays and looks around slowly' : 'exits, and is started when it is needed'],
    ['paused until', paused],
    ['kept awake by', awake === null || awake.length === 0 ? null : awake.map(printable).join('; ')],
    ['runs', step],
    ['digest', told.digest === null ? null : 'one waits: terok digest'],
    ...leases.map(({ lease, reason, until }) => ['lease', `${lease} until ${until}: ${printable(reason)}`] as const),
  ];
  return known.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function lasting(since: string | null, now: Date): string {
  const instant = since === null ? null : parseInstant(since);
  return instant === null ? '' : ` for ${formatDuration((now.getTime() - instant.getTime()) / 1000)}`;
}
