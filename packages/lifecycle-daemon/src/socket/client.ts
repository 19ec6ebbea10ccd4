/** The typed way to ask a running daemon. Every question has a deadline; nobody there is an answer, not a failure. */
import { connect, type Socket } from 'node:net';
import { printable, TerokError, z, type Files, type Paths } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import { markWake, type WakeSignalContext } from '../wake-signal.ts';
import { daemonSocketPath, requireOwnDirectory, socketAddress } from './address.ts';
import { lineCutter, type Line } from './lines.ts';
import {
  commands,
  protocolVersion,
  replyLine,
  replyMaxBytes,
  type CommandArgs,
  type CommandName,
  type CommandResult,
  type ReplyLine,
} from './protocol.ts';

export type ClientContext = { readonly paths: Pick<Paths, 'runtime'>; readonly files: Files };

export type ClientOptions = {
  /** The release that asks. A daemon that is older ends after its answer, to be started again from the newer one. */
  readonly version: string;
  /** For the connection, and for each question that names no other. Two seconds when left out. */
  readonly deadlineMs?: number;
};

/** An event of the daemon's log, as it came; `event` says which kind. */
export type DaemonEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export interface DaemonClient {
  /** Rejects with what the daemon refused it for, DAEMON_SILENT after the deadline, and DAEMON_GONE when the connection ended. */
  request<N extends CommandName>(op: N, args: CommandArgs<N>, options?: { readonly deadlineMs?: number }): Promise<CommandResult<N>>;
  /** Subscribes. Ends when the daemon does, or when the connection is closed. Of what is not taken in time, the oldest is left out. */
  events(): AsyncIterable<DaemonEvent>;
  /** The daemon's release, once it has answered anything. */
  daemonVersion(): string | null;
  /** Whether it has said that it ends for this newer release, and that nobody but this client would start the next one. */
  asksReplacement(): boolean;
  close(): void;
}

/**
 * A connection to the daemon of this installation, or null when none listens. Throws DAEMON_DIRECTORY_UNSAFE where others could have
 * put the socket there, and DAEMON_SILENT when it takes no connection in time.
 */
export async function connectDaemon(
  ctx: ClientContext,
  { version, deadlineMs = defaultDeadlineMs }: ClientOptions,
): Promise<DaemonClient | null> {
  if (!(await requireOwnDirectory(ctx.files, ctx.paths.runtime))) return null;
  const socket = await connected(daemonSocketPath(ctx.paths), deadlineMs);
  return socket === null ? null : clientOn(socket, { version, deadlineMs });
}

export type WakeOptions = ClientOptions & {
  readonly reason?: string;
  /** The daemon that was told ends for this newer release, and nobody but the caller would start the next one. */
  readonly onReplacement?: () => Promise<void>;
};

/**
 * Tells the daemon that somebody is there; where none listens, or the one that does ends before it has heard, leaves `wake.signal` for
 * the next. Never fails: what a person came to do does not depend on it.
 */
export async function wakeDaemon(ctx: ClientContext & WakeSignalContext, options: WakeOptions): Promise<'told' | 'marked' | 'failed'> {
  try {
    if (await toldAwake(ctx, options)) return 'told';
    await markWake(ctx);
    return 'marked';
  } catch (error) {
    if (error instanceof TerokError) return 'failed';
    throw error;
  }
}

/** False: nobody heard it, or nobody will. */
async function toldAwake(ctx: ClientContext, options: WakeOptions): Promise<boolean> {
  const { reason, onReplacement } = options;
  const client = await connectDaemon(ctx, options);
  if (client === null) return false;
  try {
    await client.request('wake', reason === undefined ? {} : { reason: reason.slice(0, 500) });
    if (client.asksReplacement()) await onReplacement?.();
    return true;
  } catch (error) {
    if (error instanceof TerokError && unheard.includes(error.code)) return false;
    throw error;
  } finally {
    client.close();
  }
}

/** The daemon was about to end, or stands still. */
const unheard: readonly string[] = ['DAEMON_GONE', 'DAEMON_STOPPING', 'DAEMON_SILENT'];

/** Whether anybody takes connections at the path. */
export async function reachable(path: string): Promise<boolean> {
  try {
    const socket = await connected(path, defaultDeadlineMs);
    socket?.destroy();
    return socket !== null;
  } catch (error) {
    if (error instanceof TerokError) return true; // somebody is there, and busy
    throw error;
  }
}

const defaultDeadlineMs = 2000;
const busyPauseMs = 20;
const eventsHeldMax = 1000;

/** Null: nobody listens. A full queue of callers is tried again until the deadline. */
async function connected(path: string, deadlineMs: number): Promise<Socket | null> {
  await using address = await socketAddress(path);
  const signal = AbortSignal.timeout(deadlineMs);
  for (;;) {
    const outcome = await attempt(address.path);
    if (typeof outcome !== 'string') return outcome;
    if (outcome === 'ENOENT' || outcome === 'ECONNREFUSED' || outcome === 'ENOTDIR') return null;
    if (outcome !== 'EAGAIN') throw lifecycleErrors.DAEMON_SOCKET_FAILED({ path, reason: outcome });
    if (signal.aborted) throw lifecycleErrors.DAEMON_SILENT({ op: 'connect', waitedMs: deadlineMs });
    await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
  }
}

/** A Unix socket is connected or refused at once; there is nothing to wait for. */
function attempt(path: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

type Waiting = { readonly op: CommandName; readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

function clientOn(socket: Socket, { version, deadlineMs }: Required<ClientOptions>): DaemonClient {
  const waiting = new Map<number, Waiting>();
  const events = eventQueue();
  const cutter = lineCutter({ maxBytes: replyMaxBytes });
  let daemonVersion: string | null = null;
  let asksReplacement = false;
  let failure: Error | null = null;
  let lastId = 0;

  const end = (): void => {
    for (const { op, reject } of waiting.values()) reject(failure ?? lifecycleErrors.DAEMON_GONE({ op }));
    waiting.clear();
    events.end();
    socket.destroy();
  };
  const take = (line: Line): void => {
    const reply = readReply(line);
    if (reply instanceof Error) {
      failure = reply;
      end();
      return;
    }
    daemonVersion = printable(reply.version);
    asksReplacement ||= reply.replace === true;
    if ('event' in reply) {
      events.push(reply.event);
      return;
    }
    const asked = typeof reply.id === 'number' ? waiting.get(reply.id) : undefined;
    if (asked === undefined) {
      // Said to no question of ours: the daemon sends us away, and says why.
      if (!reply.ok) failure = toldBy(reply.error);
      return;
    }
    waiting.delete(Number(reply.id));
    if (reply.ok) asked.resolve(reply.result);
    else asked.reject(toldBy(reply.error));
  };
  socket.on('data', (bytes: Buffer) => cutter.push(bytes).forEach(take));
  socket.on('error', () => socket.destroy());
  socket.on('end', end);
  socket.on('close', end);

  const ask = (op: CommandName, args: object, waitMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!socket.writable) {
        reject(failure ?? lifecycleErrors.DAEMON_GONE({ op }));
        return;
      }
      const id = ++lastId;
      const deadline = setTimeout(() => {
        waiting.delete(id);
        reject(lifecycleErrors.DAEMON_SILENT({ op, waitedMs: waitMs }));
      }, waitMs);
      waiting.set(id, {
        op,
        resolve: (result) => {
          clearTimeout(deadline);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(deadline);
          reject(error);
        },
      });
      socket.write(`${JSON.stringify({ v: protocolVersion, id, op, args, client_version: version })}\n`);
    });
  const request: DaemonClient['request'] = async (op, args, { deadlineMs: waitMs = deadlineMs } = {}) =>
    resultOf(op, await ask(op, args, waitMs));

  return {
    request,
    async *events() {
      await request('subscribe', {});
      yield* events.taken();
    },
    daemonVersion: () => daemonVersion,
    asksReplacement: () => asksReplacement,
    close: end,
  };
}

function readReply(line: Line): ReplyLine | TerokError {
  if (line.kind !== 'text') return lifecycleErrors.DAEMON_REPLY_INVALID({ problem: 'its line is too long, or no text' });
  const reply = replyLine.safeParse(parsed(line.text));
  return reply.success ? reply.data : lifecycleErrors.DAEMON_REPLY_INVALID({ problem: 'its line is no reply' });
}

function resultOf<N extends CommandName>(op: N, result: unknown): CommandResult<N> {
  const read = z.safeParse(commands[op].result, result);
  if (!read.success) throw lifecycleErrors.DAEMON_REPLY_INVALID({ problem: `its answer to \`${op}\` has another shape` });
  return read.data as CommandResult<N>; // the schema that was asked is the one of this very command
}

function toldBy({
  code,
  message,
  hint,
}: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): TerokError {
  return new TerokError({ code: printable(code), message: printable(message), hint: hint === undefined ? undefined : printable(hint) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Events between their arrival and whoever takes them. */
function eventQueue() {
  const held: DaemonEvent[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  return {
    push(event: DaemonEvent): void {
      held.push(event);
      if (held.length > eventsHeldMax) held.shift();
      wake();
    },
    end(): void {
      ended = true;
      wake();
    },
    async *taken(): AsyncGenerator<DaemonEvent> {
      for (;;) {
        const event = held.shift();
        if (event !== undefined) yield event;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
