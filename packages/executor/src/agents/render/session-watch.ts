/** Learns from an agent's output which session it works in, and whether one that it was to go on with is gone. */
import { isSessionId } from '../agent-command.ts';
import type { LogFormat } from '../agent-file.ts';
import { logLines } from './log-lines.ts';
import { logReader } from './render-log.ts';

export interface SessionWatch {
  sees(chunk: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }): void;
  /** What has been learned so far. An agent's word is not trusted: what could not stand on a command line is no id. */
  found(): { readonly sessionId: string | null; readonly lost: boolean };
}

export function sessionWatch(format: LogFormat): SessionWatch {
  const reader = logReader(format);
  const lines = { stdout: logLines(), stderr: logLines() };
  let sessionId: string | null = null;
  let lost = false;
  return {
    sees({ stream, bytes }) {
      if (reader === null) return;
      for (const line of lines[stream].push(bytes)) {
        const events = stream === 'stdout' ? eventsOf(reader.events, line) : null;
        if (events === null) lost ||= reader.sessionLost.test(line.slice(0, 4096));
        for (const event of events ?? []) if (event.kind === 'session' && isSessionId(event.id)) sessionId = event.id;
      }
    },
    found: () => ({ sessionId, lost }),
  };
}

/** Null for a line that is no JSON. */
function eventsOf<T>(events: (line: unknown) => readonly T[], line: string): readonly T[] | null {
  try {
    return events(JSON.parse(line));
  } catch {
    return null;
  }
}
