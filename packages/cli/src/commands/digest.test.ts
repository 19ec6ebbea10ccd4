import { expect, test } from 'vitest';
import { invocationIn } from '../invocation.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { digest, fakeDaemon } from '../testing/node-fake-daemon.ts';
import { runDigest, type DigestFlags } from './digest.ts';

const results = { digest: { digest, digest_id: digest.digest_id }, ack: { acknowledged: true } };

test.each<[where: string, flags: DigestFlags, typed: readonly string[] | undefined, leaves: boolean, acknowledged: boolean]>([
  ['at a terminal', {}, [], false, true],
  ['at a terminal, with --no-ack', { ack: false }, [], false, false],
  ['at a terminal, with --json', { json: true }, [], false, false],
  ['at a terminal that is gone before it stands there', {}, [], true, false],
  ['in a pipe', {}, undefined, false, false],
  ['in a pipe, with --ack', { ack: true }, undefined, false, true],
])('%s: whether it counts as seen', async (_, flags, typed, leaves, acknowledged) => {
  await using daemon = await fakeDaemon({ results });
  const world = fakeWorld({ host: () => Promise.resolve(daemon.host), ...(typed === undefined ? {} : { typed }) });
  const stdout = {
    ...world.stdout,
    write: (content: string | Uint8Array) => {
      if (leaves) world.leave();
      return world.stdout.write(content);
    },
  };
  await runDigest(invocationIn({ ...world, stdout }), flags);
  expect(daemon.asked.filter((op) => op === 'ack')).toHaveLength(acknowledged ? 1 : 0);
});
