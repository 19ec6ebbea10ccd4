import { expect, test } from 'vitest';
import { invocationIn } from '../invocation.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { digest, fakeDaemon } from '../testing/node-fake-daemon.ts';
import { offerDigest } from './offer-digest.ts';

const due = { wake: { state: 'WAKE' }, 'claim-digest': { digest, digest_id: digest.digest_id }, ack: { acknowledged: true } };
const none = { ...due, 'claim-digest': { digest: null, digest_id: null } };
const told = 'Since 2026-05-01';

test('what is claimed is shown, and then acknowledged', async () => {
  await using daemon = await fakeDaemon({ results: due });
  const world = fakeWorld({ typed: [], host: () => Promise.resolve(daemon.host) });
  await offerDigest(invocationIn(world), { show: true });
  expect(world.said.stderr()).toContain(told);
  await expect.poll(() => daemon.asked).toEqual(['wake', 'claim-digest', 'ack', 'gone']);
});

test('what somebody else has claimed is not shown, and neither is anything to one that has just told the same', async () => {
  for (const [results, show, asked] of [
    [none, true, ['wake', 'claim-digest', 'gone']],
    [due, false, ['wake', 'gone']],
  ] as const) {
    await using daemon = await fakeDaemon({ results });
    const world = fakeWorld({ typed: [], host: () => Promise.resolve(daemon.host) });
    await offerDigest(invocationIn(world), { show });
    expect(world.said.stderr()).toBe('');
    await expect.poll(() => daemon.asked).toEqual(asked);
  }
});

test('what was written to a terminal that is gone counts as unseen: the connection ends without a word, and gives it back', async () => {
  await using daemon = await fakeDaemon({ results: due });
  const world = fakeWorld({ typed: [], host: () => Promise.resolve(daemon.host) });
  let lost: () => void = () => undefined;
  const stderr = {
    ...world.stderr,
    write: () => Promise.resolve(lost()),
    onLost: (listener: () => void) => {
      lost = listener;
      return () => undefined;
    },
  };
  await offerDigest(invocationIn({ ...world, stderr }), { show: true });
  await expect.poll(() => daemon.asked).toEqual(['wake', 'claim-digest', 'gone']);
});

test('a daemon that knows nothing of claims keeps its digest, and the person is told of nothing', async () => {
  await using daemon = await fakeDaemon({ results: { wake: { state: 'WAKE' } } });
  const world = fakeWorld({ typed: [], host: () => Promise.resolve(daemon.host) });
  await offerDigest(invocationIn(world), { show: true });
  expect(world.said.stderr()).toBe('');
});
