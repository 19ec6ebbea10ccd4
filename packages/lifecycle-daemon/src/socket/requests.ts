/** Lines of clients read as commands, and what they are answered with. Pure. */
import { nearestName, TerokError, z } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import { nestsDeeperThan } from '../plain-object.ts';
import type { Line } from './lines.ts';
import {
  commands,
  isCommandName,
  protocolVersion,
  request,
  type CommandArgs,
  type CommandName,
  type ReplyProblem,
  type RequestId,
} from './protocol.ts';

/** A command with arguments that are what it takes. */
export type Command = { readonly [N in CommandName]: { readonly op: N; readonly args: CommandArgs<N> } }[CommandName];

export type ReadRequest =
  | { readonly kind: 'command'; readonly id: RequestId; readonly command: Command; readonly clientVersion: string | null }
  | { readonly kind: 'refused'; readonly id: RequestId | null; readonly error: TerokError };

/** Every line is a command, or is refused with a reason; none throws. */
export function readRequest(line: Line): ReadRequest {
  const refused = (error: TerokError, id: RequestId | null = null): ReadRequest => ({ kind: 'refused', id, error });
  if (line.kind === 'too_long') return refused(lifecycleErrors.REQUEST_LINE_TOO_LONG({ maxBytes: line.maxBytes }));
  if (line.kind === 'not_utf8') return refused(lifecycleErrors.REQUEST_NOT_UTF8({}));

  const raw = parsed(line.text);
  if (raw === undefined || nestsDeeperThan(raw, nestingMax)) return refused(lifecycleErrors.REQUEST_NOT_JSON({}));
  const envelope = request.safeParse(raw);
  if (!envelope.success) return refused(lifecycleErrors.REQUEST_INVALID({ problem: problemOf(envelope.error) }));
  const { v, id, op, args = {}, client_version: clientVersion = null } = envelope.data;
  if (v !== protocolVersion) return refused(lifecycleErrors.REQUEST_VERSION_UNKNOWN({ found: v, known: protocolVersion }), id);
  if (!isCommandName(op)) {
    return refused(lifecycleErrors.DAEMON_COMMAND_UNKNOWN({ op, nearest: nearestName(op, Object.keys(commands)) }), id);
  }
  const read = z.safeParse(commands[op].args, args);
  if (!read.success) return refused(lifecycleErrors.REQUEST_INVALID({ problem: problemOf(read.error) }), id);
  // The schema that was asked is the one of this very command.
  return { kind: 'command', id, command: { op, args: read.data } as Command, clientVersion };
}

/** What every reply says of the daemon. */
export type Replier = { readonly version: string; readonly replace?: true };

export function resultLine(own: Replier, id: RequestId, result: object): string {
  return lineOf({ ...ofReplier(own), id, ok: true, result });
}

export function refusalLine(own: Replier, id: RequestId | null, error: unknown): string {
  return lineOf({ ...ofReplier(own), id, ok: false, error: problemIn(error) });
}

export function eventLine(version: string, event: object): string {
  return lineOf({ v: protocolVersion, version, event });
}

const nestingMax = 16;

function ofReplier({ version, replace }: Replier) {
  return { v: protocolVersion, version, ...(replace === undefined ? {} : { replace }) };
}

/** What is no failure that we know is told as one of the daemon's own. */
function problemIn(error: unknown): ReplyProblem {
  if (!(error instanceof TerokError))
    return problemIn(lifecycleErrors.DAEMON_FAILED({ problem: error instanceof Error ? error.message : String(error) }));
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function problemOf({ issues }: z.core.$ZodError): string {
  const [first] = issues;
  return first === undefined ? 'nothing says why' : [...first.path.map(String), first.message].join(': ').slice(0, 300);
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
