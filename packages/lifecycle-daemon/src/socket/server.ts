/**
 * The daemon's socket. Every line gets a reply, in the order of the lines; a client that sends faster than it reads is not read from
 * until it does, one that subscribed and does not read is dropped, and none can make the daemon hold more than a little of it.
 */
import { chmod } from 'node:fs/promises';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { sandboxErrors, type Files, type Paths } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import { daemonSocketPath, requireOwnDirectory, socketAddress, type Address } from './address.ts';
import { reachable } from './client.ts';
import { lineCutter, type Line } from './lines.ts';
import { requestMaxBytes, type CommandName, type CommandResult } from './protocol.ts';
import { eventLine, readRequest, refusalLine, resultLine, type Command } from './requests.ts';

export type ServerContext = { readonly paths: Pick<Paths, 'runtime'>; readonly files: Files };

/** Who asks. `gone` aborts when the connection has ended, however it did. */
export type Caller = { readonly version: string | null; readonly gone: AbortSignal };

export type ServerOptions = {
  /** The release that every reply carries. */
  readonly version: string;
  /** The number of a socket that is listened on already, by whoever started us; none: our own is made. */
  readonly listenFd?: number | undefined;
  /** Does what was asked. What it rejects with is the reply. */
  readonly answer: (command: Command, caller: Caller) => Promise<CommandResult<CommandName>>;
  /** Whether a client of this release is to start the next daemon, since nobody else does; it is told so with each reply. Never when left out. */
  readonly asksReplacement?: (clientVersion: string | null) => boolean;
  /** A client was sent away, and why. */
  readonly onDropped: (reason: string) => void;
  /** How long a client may say nothing that neither subscribed nor waits for an answer. Ten minutes when left out. */
  readonly silentMs?: number;
};

export interface DaemonServer {
  clients(): number;
  /** Tells those who subscribed. */
  publish(event: object): void;
  /** No new clients; those that are there get what is on its way to them, and a second to take it. */
  close(): Promise<void>;
}

/** Most clients at a time; beyond that one is told so and sent away. */
export const clientsMax = 1200;
/** What may wait for a client that subscribed before it is dropped. */
const unreadMaxBytes = 256 * 1024;
const defaultSilentMs = 10 * 60_000;
const farewellMs = 1000;

/** Throws DAEMON_DIRECTORY_UNSAFE, FILE_IS_LINK and DAEMON_SOCKET_FAILED. */
export async function serveDaemon(ctx: ServerContext, options: ServerOptions): Promise<DaemonServer> {
  const clients = new Set<Client>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy()); // a client may break off at any moment, also in the middle of its reply
    if (clients.size >= clientsMax) {
      options.onDropped('too many clients');
      farewell(socket, refusalLine(options, null, lifecycleErrors.DAEMON_BUSY({ clients: clients.size })));
      return;
    }
    const client: Client = { socket, subscribed: false, waits: false, answering: Promise.resolve(), gone: new AbortController() };
    clients.add(client);
    void serve(client, options).finally(() => {
      clients.delete(client);
      client.gone.abort();
    });
  });
  const bound = options.listenFd === undefined ? await bind(ctx, server) : await adopt(server, options.listenFd);

  return {
    clients: () => clients.size,
    publish: (event) => {
      const line = eventLine(options.version, event);
      for (const client of clients) if (client.subscribed) send(client, line, options);
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      const answered = Promise.allSettled([...clients].map(({ answering }) => answering));
      await Promise.race([answered, setTimeout(farewellMs, undefined, { ref: false })]);
      for (const { socket } of clients) farewell(socket, '');
      await closed;
      await bound?.[Symbol.asyncDispose]();
    },
  };
}

type Client = {
  readonly socket: Socket;
  readonly gone: AbortController;
  subscribed: boolean;
  waits: boolean;
  answering: Promise<unknown>;
};

async function serve(client: Client, options: ServerOptions): Promise<void> {
  const { socket } = client;
  const cutter = lineCutter({ maxBytes: requestMaxBytes });
  const answerAll = async (lines: readonly Line[]): Promise<void> => {
    for (const line of lines) {
      if (!socket.writable) return;
      const answering = reply(client, line, options).then((text) => socket.writable && !socket.write(text));
      client.answering = answering;
      if (await answering) await readAgain(socket);
    }
  };
  socket.setTimeout(options.silentMs ?? defaultSilentMs, () => {
    if (client.subscribed || client.waits) return; // an answer that is written starts the time anew
    options.onDropped('it said nothing for too long');
    socket.destroy();
  });
  try {
    const chunks: AsyncIterable<Uint8Array> = socket.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) await answerAll(cutter.push(chunk));
    await answerAll(cutter.end());
    farewell(socket, '');
  } catch {
    socket.destroy(); // the client is gone, and nobody is left to tell
  }
}

async function reply(client: Client, line: Line, { version, answer, asksReplacement }: ServerOptions): Promise<string> {
  const read = readRequest(line);
  if (read.kind === 'refused') return refusalLine({ version }, read.id, read.error);
  const own = { version, ...(asksReplacement?.(read.clientVersion) === true ? ({ replace: true } as const) : {}) };
  client.waits = true;
  try {
    const result = await answer(read.command, { version: read.clientVersion, gone: client.gone.signal });
    if (read.command.op === 'subscribe') client.subscribed = true;
    return resultLine(own, read.id, result);
  } catch (error) {
    return refusalLine(own, read.id, error);
  } finally {
    client.waits = false;
  }
}

function send(client: Client, line: string, { version, onDropped }: ServerOptions): void {
  const { socket } = client;
  if (!socket.writable) return;
  if (socket.writableLength + line.length <= unreadMaxBytes) {
    socket.write(line);
    return;
  }
  client.subscribed = false;
  const reason = 'it did not read what it subscribed to';
  onDropped(reason);
  farewell(socket, eventLine(version, { event: 'client_dropped', reason }));
}

/** Resolves when the client has read, or is gone. */
function readAgain(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    if (socket.destroyed) resolve();
    else socket.once('drain', done).once('close', done);
  });
}

/** Ends a connection with a last line; whoever does not take it in time loses it. */
export function farewell(socket: Socket, line: string): void {
  socket.end(line);
  socket.resume();
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  setTimeout(farewellMs, undefined, { signal: gone.signal, ref: false }).then(
    () => socket.destroy(),
    () => undefined, // it took it
  );
}

/** Whatever is at the path is a dead daemon's: this one is the single writer. Unless somebody answers there, such as the socket unit of systemd. */
async function bind({ paths, files }: ServerContext, server: Server): Promise<Address> {
  const path = daemonSocketPath(paths);
  if (!(await requireOwnDirectory(files, paths.runtime))) {
    await files.createDirectory(paths.runtime, { mode: 0o700 });
    await requireOwnDirectory(files, paths.runtime);
  }
  const facts = await files.stat(path);
  if (facts?.kind === 'symlink') throw sandboxErrors.FILE_IS_LINK({ path });
  const failed = (reason: string, cause?: unknown): Error => lifecycleErrors.DAEMON_SOCKET_FAILED({ path, reason }, cause);
  if (facts?.kind === 'other' && (await reachable(path))) throw failed('something else listens on it');
  await files.remove(path);

  const address = await socketAddress(path);
  try {
    await listening(server, { path: address.path, exclusive: true, backlog: clientsMax });
    await chmod(address.path, 0o600);
    return address;
  } catch (error) {
    await address[Symbol.asyncDispose]();
    throw failed(reasonOf(error), error);
  }
}

export async function adopt(server: Server, fd: number): Promise<null> {
  try {
    await listening(server, { fd });
    return null;
  } catch (error) {
    throw lifecycleErrors.DAEMON_SOCKET_FAILED({ path: `file descriptor ${fd}`, reason: reasonOf(error) }, error);
  }
}

function listening(server: Server, where: ListenOptions & { readonly fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // a client that was gone before it was accepted
      resolve();
    });
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
