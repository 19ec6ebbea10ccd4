/** What a daemon does that was handed a socket and cannot serve: whoever waits there is told why, and none is left in the line to start the next one. */
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { TerokError } from '@terok/sandbox';
import { refusalLine } from './requests.ts';
import { adopt, farewell } from './server.ts';

/** Those in the line come at once; this is for whoever is connecting just now. */
const refusingMs = 200;

/** Tells them for a moment, then leaves the socket to its owner. Where it cannot be listened on, nobody is told. */
export async function refuseClients(
  listenFd: number,
  { version, error }: { readonly version: string; readonly error: TerokError },
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    farewell(socket, refusalLine({ version }, null, error));
  });
  try {
    await adopt(server, listenFd);
  } catch (failure) {
    if (failure instanceof TerokError) return;
    throw failure;
  }
  await setTimeout(refusingMs);
  await new Promise((resolve) => server.close(resolve));
}
