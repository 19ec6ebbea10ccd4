/**
 * One daemon per installation. It listens on a socket of its own for as long as its process lives: the kernel lets go of that however
 * the process ends, and no number of a process has to be believed. Only a takeover, when a dead daemon's socket is cleared away, is done
 * by one at a time. Whoever connects is told who runs.
 */
import { chmod } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { formatInstant, printable, sandboxErrors, withFileLock, z, type Clock, type Files, type Paths } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import { socketAddress, writerSocketPath, type Address } from './address.ts';

export type WriterContext = { readonly paths: Pick<Paths, 'lifecycle'>; readonly files: Files; readonly clock: Clock };

/** Held until it is let go, or the process is gone. */
export type WriterHold = { readonly pid: number; readonly release: () => Promise<void> };

/** Makes this process the one daemon. DAEMON_RUNNING, at once, when there is one; it says who. */
export async function holdSingleWriter(ctx: WriterContext, { version }: { readonly version: string }): Promise<WriterHold> {
  const path = writerSocketPath(ctx.paths);
  await ctx.files.ensureDirectory(ctx.paths.lifecycle, { mode: 0o700 });
  const lock = join(ctx.paths.lifecycle, 'writer.lock');
  return withFileLock(ctx, lock, { purpose: 'starting the lifecycle daemon' }, async () => {
    const facts = await ctx.files.stat(path);
    if (facts?.kind === 'symlink') throw sandboxErrors.FILE_IS_LINK({ path });
    const holder = facts === null ? null : await whoHolds(path);
    if (holder !== null) throw lifecycleErrors.DAEMON_RUNNING({ who: inWords(holder) });
    await ctx.files.remove(path);
    const card = { pid: process.pid, version, started_at: formatInstant(ctx.clock.now()) };
    return hold(path, `${JSON.stringify(card)}\n`);
  });
}

/** The process of a daemon and its release; null where it does not say which. */
export type RunningDaemon = { readonly pid: number | null; readonly version: string | null };

/**
 * The daemon that runs, also one that begins or ends and takes no commands; null when none does. Unlike a connection to its socket,
 * the question starts none where systemd would.
 */
export async function runningDaemon({ paths, files }: Pick<WriterContext, 'paths' | 'files'>): Promise<RunningDaemon | null> {
  const path = writerSocketPath(paths);
  const holder = (await files.stat(path))?.kind === 'other' ? await whoHolds(path) : null;
  return holder === null ? null : { pid: holder.card?.pid ?? null, version: holder.card?.version ?? null };
}

async function hold(path: string, ownCard: string): Promise<WriterHold> {
  const address = await socketAddress(path);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()); // gone before it was told
    socket.end(ownCard);
    socket.resume();
    // However much it sends meanwhile: the end of the daemon waits for its connections.
    const goodbye = setTimeout(() => socket.destroy(), tellingMs).unref();
    socket.once('close', () => clearTimeout(goodbye));
  });
  server.maxConnections = 100;
  server.unref();
  try {
    await listening(server, address);
    await chmod(address.path, 0o600);
  } catch (error) {
    server.close();
    await address[Symbol.asyncDispose]();
    throw lifecycleErrors.DAEMON_SOCKET_FAILED({ path, reason: reasonOf(error) }, error);
  }
  return {
    pid: process.pid,
    release: async () => {
      await new Promise((resolve) => server.close(resolve)); // takes the file away first
      await address[Symbol.asyncDispose]();
    },
  };
}

function listening(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: address.path, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const tellingMs = 1000;
const cardMaxBytes = 4096;
const Card = z.looseObject({ pid: z.int(), version: z.string(), started_at: z.string() });

type Holder = { readonly card: z.infer<typeof Card> | null };

/** Who listens; null when nobody does. One that does not say who it is runs all the same. */
async function whoHolds(path: string): Promise<Holder | null> {
  await using address = await socketAddress(path);
  const answer = await new Promise<string | null>((resolve) => {
    let heard = '';
    const socket = connect(address.path);
    socket.setEncoding('utf8');
    const deadline = setTimeout(() => socket.destroy(), tellingMs);
    socket.on('data', (text: string) => {
      heard += text;
      if (heard.length > cardMaxBytes) socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(null);
    });
    socket.once('close', () => {
      clearTimeout(deadline);
      resolve(heard);
    });
  });
  return answer === null ? null : { card: Card.safeParse(parsed(answer)).data ?? null };
}

function inWords({ card }: Holder): string {
  if (card === null) return 'a process that does not say which';
  return `process ${card.pid}, release ${printable(card.version)}, since ${printable(card.started_at)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
