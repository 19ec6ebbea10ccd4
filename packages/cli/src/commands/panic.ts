import { panicClear, panicNow } from '@terok/orchestration';
import { exitStatus, printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import type { PanicClearJson, PanicNowJson } from '../json/panic-json.ts';

/** Asks nothing: whoever types it is in a hurry, and nothing is removed. 1 when some may still run. */
export async function runPanicNow({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<number> {
  const { stopped, failed, unknown } = await panicNow(await engine());
  const exitCode = failed.length > 0 || unknown ? exitStatus.failure : exitStatus.ok;
  if (json) {
    await out.json({ stopped: [...stopped], failed: [...failed], unknown } satisfies PanicNowJson);
    return exitCode;
  }
  note.say(stopped.length === 0 ? 'No container of terok was running.' : `Stopped: ${stopped.map(printable).join(', ')}`);
  for (const { name, error } of failed) note.error(`${printable(name)} was not stopped: ${error}`);
  if (unknown) note.error('podman did not say to the end what runs; look at `podman ps`.');
  note.say('No task starts until the panic is over. Nothing was removed.');
  note.hint('End it with `terok panic clear`.');
  return exitCode;
}

export async function runPanicClear({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const cleared = await panicClear(await engine());
  if (json) return out.json({ cleared } satisfies PanicClearJson);
  note.say(cleared ? 'The panic is over: tasks may be started again. What was stopped stays stopped.' : 'There was no panic.');
}
