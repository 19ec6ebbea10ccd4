import { resolvePaths } from '@terok/sandbox';
import { fakeClock, memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { openPodman } from '../podman/podman.ts';
import type { ProcessOutcome, Processes } from '../processes.ts';
import { engineProfile } from '../testing/engine-profile.ts';
import { memoryBuildPrograms } from '../testing/memory-build-programs.ts';
import { buildAgentImage, findAgentImage, type AgentImageSettings } from './agent-image.ts';
import { publicBase } from './base.ts';

const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 0, initialUserNamespace: true, home: '/root' });
const wish = { base: 'auto', agents: [], snippets: [] };

/** Name → the digest of its one layer. */
type Images = Map<string, string>;

/** A podman that knows images by name, and how often it was asked. */
function world(images: Images, files = memoryFiles()) {
  const asked: string[][] = [];
  const answer = (args: readonly string[]): { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string } => {
    const names = args.slice(args.indexOf('--') + 1);
    asked.push([...names]);
    if (args[0] !== 'image' || args[1] !== 'inspect') throw new Error(`nobody asked for podman ${args.join(' ')}`);
    const stdout = names.map((name) => (images.has(name) ? `id-${images.get(name)}\t["${images.get(name)}"]\n` : '')).join('');
    const missing = names.find((name) => !images.has(name));
    return missing === undefined
      ? { exitCode: 0, stdout }
      : { exitCode: 125, stdout, stderr: `Error: inspecting object: ${missing}: image not known\n` };
  };
  const processes: Processes = {
    async run({ args }): Promise<ProcessOutcome> {
      const { exitCode, stdout = '', stderr = '' } = answer(args);
      return { end: { kind: 'exited', exitCode }, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
    },
    open: () => {
      throw new Error('nothing is built here');
    },
    runOnTerminal: () => Promise.reject(new Error('nobody is at the terminal')),
  };
  const settings: AgentImageSettings = {
    ...{ files, clock: fakeClock(), paths, processes, env: {}, rebuild: 'stale', rootless: false, architecture: 'x64' },
    ...{ suite: null, mirror: null, hostSuite: 'bookworm', caBundle: null, buildPrograms: memoryBuildPrograms(), onProgress: () => {} },
    ...{ engine: engineProfile(), installationId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' },
    podman: openPodman(processes, { binary: 'podman', env: {}, cwd: '/', globalArgs: [] }),
  };
  return { files, settings, asked };
}

/** With the public base and the image on it, which a launch has used before. */
async function usedBefore(): Promise<{
  readonly images: Images;
  readonly files: ReturnType<typeof memoryFiles>;
  readonly reference: string;
}> {
  const images: Images = new Map([[publicBase, 'debian']]);
  const first = world(images);
  const { reference, id } = (await findAgentImage(wish, first.settings))!;
  expect(id).toBeNull();
  images.set(reference, 'agents');
  expect(await buildAgentImage(wish, first.settings)).toEqual({ reference, id: 'id-agents', built: false });
  return { images, files: first.files, reference };
}

test('podman is asked once, about base and image together, when nothing has changed since the last time', async () => {
  const { images, files, reference } = await usedBefore();
  const again = world(images, files);
  expect(await buildAgentImage(wish, again.settings)).toEqual({ reference, id: 'id-agents', built: false });
  expect(again.asked).toEqual([[publicBase, reference]]);
});

test('a base that holds something else by now makes another image of it, and is remembered when that is there', async () => {
  const { images, files, reference } = await usedBefore();
  images.set(publicBase, 'debian of tomorrow');
  const other = (await findAgentImage(wish, world(images, files).settings))!;
  expect(other.reference).not.toBe(reference);
  expect(other.id).toBeNull();

  images.set(other.reference, 'agents of tomorrow');
  expect(await buildAgentImage(wish, world(images, files).settings)).toMatchObject({ reference: other.reference, built: false });
  const again = world(images, files);
  await buildAgentImage(wish, again.settings);
  expect(again.asked).toEqual([[publicBase, other.reference]]);
});

test.each<{ what: string; change: (images: Images, reference: string) => void; id: string | null | undefined }>([
  { what: 'the image', change: (images, reference) => images.delete(reference), id: null },
  { what: 'the base', change: (images) => images.delete(publicBase), id: undefined },
])('when $what is gone, nothing that was remembered says otherwise', async ({ change, id }) => {
  const { images, files, reference } = await usedBefore();
  change(images, reference);
  expect((await findAgentImage(wish, world(images, files).settings))?.id).toBe(id);
});

test.each<string | Uint8Array>(['', 'x', Uint8Array.of(255, 0), `${publicBase}\n`, `${publicBase}\nother\n`, 'quay.io/x/y:1\nid-debian\n'])(
  'whatever the memory says (%j), the same image is found',
  async (text) => {
    const { images, files, reference } = await usedBefore();
    const [memory = '', ...others] = files.paths().filter((path) => path.includes('/known-bases/'));
    expect(others).toEqual([]);
    await files.replace(memory, text);
    expect(await findAgentImage(wish, world(images, files).settings)).toMatchObject({ reference, id: 'id-agents' });
  },
);
