/** How somebody else starts this very command: systemd, or a process that goes on without us. */
import { toolEnvironment } from '@terok/executor';
import type { Environment } from '@terok/sandbox';
import type { World } from '../world/world.ts';

/** Where things are, and how others are reached; a daemon that did not know them would look after another house. */
const variables = [
  ...['TEROK_ROOT', 'TEROK_CONFIG_DIR', 'TEROK_CONFIG_FILE', 'TEROK_RUNTIME_DIR'],
  ...['XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'DBUS_SESSION_BUS_ADDRESS', 'NODE_EXTRA_CA_CERTS'],
];

/** What waits for weeks is to be small: the young half of Node's memory may grow to one megabyte, where it would grow to sixteen. */
const smallMemory = '--max-semi-space-size=1';

export function daemonCommand({ ownCommand: [node, ...words] }: Pick<World, 'ownCommand'>): readonly [string, ...string[]] {
  return [node, smallMemory, ...words, 'daemon', 'run'];
}

export function daemonEnvironment(env: Environment): Readonly<Record<string, string>> {
  const known = Object.entries(toolEnvironment(env, variables));
  return Object.fromEntries(known.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
