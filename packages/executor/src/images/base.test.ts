import { resolvePaths } from '@terok/sandbox';
import { fakeClock, memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { openPodman } from '../podman/podman.ts';
import type { Command, OpenProcess, OutputChunk, ProcessEnd, ProcessOutcome, Processes } from '../processes.ts';
import type { Progress } from '../progress.ts';
import { tarOfFiles } from '../tar.ts';
import { engineProfile } from '../testing/engine-profile.ts';
import { memoryBuildPrograms } from '../testing/memory-build-programs.ts';
import { ensureBase, findBase, publicBase, type BaseSettings } from './base.ts';

const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 0, initialUserNamespace: true, home: '/root' });
const bytes = (text: string) => new TextEncoder().encode(text);
const exited = (exitCode: number): ProcessEnd => ({ kind: 'exited', exitCode });

type Tools = Readonly<Partial<Record<'mmdebstrap' | 'debootstrap', 'works' | 'fails' | 'is interrupted'>>>;
type Host = {
  readonly files?: ReturnType<typeof memoryFiles>;
  /** What a registry hands out. */
  readonly registry?: readonly string[];
  readonly images?: readonly string[];
  readonly tools?: Tools;
  /** What an image from a registry says of itself; null: nothing. */
  readonly release?: string | null;
  readonly settings?: Partial<BaseSettings>;
};

const archiveOf = (text: string): string => new TextDecoder().decode(tarOfFiles({ 'os-release': text }));

/** A host with a podman that knows images by name, and with tools that make an archive. */
function host({ files = memoryFiles(), registry = [], images = [], tools = {}, release = 'ID=debian\n', settings = {} }: Host = {}) {
  const there = new Set(images);
  const started: string[][] = [];
  const told: Progress[] = [];

  const podman = ([verb = '', ...rest]: readonly string[]): { exitCode: number; stdout?: string; stderr?: string } => {
    const name = rest.at(-1) ?? '';
    switch (verb) {
      case 'image':
        return there.has(name)
          ? { exitCode: 0, stdout: `id of ${name}\n` }
          : { exitCode: 125, stderr: `Error: ${name}: image not known\n` };
      case 'pull':
        if (registry.includes(name)) there.add(name);
        return registry.includes(name)
          ? { exitCode: 0 }
          : { exitCode: 125, stderr: `Error: initializing source: dial tcp: no route to host\n` };
      case 'import':
        there.add(name);
        return files.text(rest.at(-2) ?? '') === null ? { exitCode: 125, stderr: 'Error: no such file\n' } : { exitCode: 0 };
      case 'create':
      case 'rm':
        return { exitCode: 0 };
      case 'cp':
        return release === null ? { exitCode: 125, stderr: 'Error: no such file\n' } : { exitCode: 0, stdout: archiveOf(release) };
      default:
        throw new Error(`nobody asked for podman ${verb}`);
    }
  };

  /** The archive is written in two halves; an interrupted tool gets no further than the first. */
  async function make(command: Command): Promise<ProcessEnd> {
    const archive = command.args.find((word) => word.endsWith('.partial')) ?? '';
    const does = tools[command.binary === 'sh' ? 'debootstrap' : 'mmdebstrap'];
    if (does === undefined) return command.binary === 'sh' ? exited(127) : { kind: 'missing' };
    await files.replace(archive, 'half');
    if (does === 'is interrupted') return { kind: 'aborted' };
    if (does === 'fails') return exited(25);
    await files.replace(archive, 'the whole archive');
    return exited(0);
  }

  const processes: Processes = {
    async run({ binary, args }): Promise<ProcessOutcome> {
      started.push([binary, ...args]);
      const { exitCode, stdout = '', stderr = '' } = podman(args);
      return { end: exited(exitCode), stdout: bytes(stdout), stderr: bytes(stderr) };
    },
    open(command): OpenProcess {
      started.push([command.binary, ...command.args]);
      async function* output(): AsyncGenerator<OutputChunk> {
        yield { stream: 'stderr', bytes: bytes('I: downloading\nE: the mir') };
        yield { stream: 'stderr', bytes: bytes('ror does not answer\n') };
      }
      return { output: output(), ended: make(command) };
    },
    runOnTerminal: () => Promise.reject(new Error('nobody is at the terminal')),
  };
  const all: BaseSettings = {
    ...{
      files,
      clock: fakeClock(),
      paths,
      processes,
      env: {},
      rebuild: 'stale' as const,
      rootless: false,
      suite: null,
      mirror: null,
      hostSuite: 'bookworm',
    },
    podman: openPodman(processes, { binary: 'podman', env: {}, cwd: '/', globalArgs: [] }),
    ...{
      engine: engineProfile(),
      installationId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      caBundle: null,
      buildPrograms: memoryBuildPrograms(),
    },
    onProgress: (progress) => told.push(progress),
    ...settings,
  };
  const programs = () => started.map(([binary, verb]) => (binary === 'podman' ? verb : binary)).filter((program) => program !== 'image');
  return { files, settings: all, started, told, programs };
}

const bootstrapName = /^localhost\/terok\/0f1e2d3c\/bootstrap:[0-9a-f]{16}$/;
const archives = ({ files }: ReturnType<typeof host>) => files.paths().filter((path) => path.startsWith('/state/images/'));

const base = { reference: 'quay.io/x/y:1', id: 'id of quay.io/x/y:1', content: 'id of quay.io/x/y:1', family: 'deb' };

test('an image that is there is taken, and no registry is asked', async () => {
  const world = host({ images: ['quay.io/x/y:1'] });
  expect(await ensureBase('quay.io/x/y:1', world.settings)).toEqual(base);
  expect(world.programs()).toEqual(['create', 'cp', 'rm']);
});

test('an image is asked only once what it is made of', async () => {
  const first = host({ images: ['quay.io/x/y:1'] });
  expect(await findBase('quay.io/x/y:1', first.settings)).toBeNull();
  await ensureBase('quay.io/x/y:1', first.settings);
  const later = host({ files: first.files, images: ['quay.io/x/y:1'], release: null });
  expect(await ensureBase('quay.io/x/y:1', later.settings)).toEqual(base);
  expect(await findBase('quay.io/x/y:1', later.settings)).toEqual(base);
  expect(later.programs()).toEqual([]);
});

test.each([
  ['says nothing', null, 'does not say which distribution it is'],
  ['is of another family', 'ID=alpine\n', 'is `alpine`'],
])('a base that %s is refused, and the container that asked is gone', async (_, release, said) => {
  const world = host({ images: ['quay.io/x/y:1'], release });
  await expect(ensureBase('quay.io/x/y:1', world.settings)).rejects.toMatchObject({
    code: 'BASE_IMAGE_UNSUPPORTED',
    message: expect.stringContaining(said) as string,
  });
  expect(world.programs().at(-1)).toBe('rm');
});

test('a rebuild of everything asks the registry, or makes the archive, anew', async () => {
  const pulled = host({ images: [publicBase], registry: [publicBase], settings: { rebuild: 'all' } });
  await ensureBase('auto', pulled.settings);
  expect(pulled.programs()).toEqual(['pull']);
  const first = host({ tools: { mmdebstrap: 'works' } });
  const { reference } = await ensureBase('bootstrap', first.settings);
  const made = host({ files: first.files, images: [reference], tools: { mmdebstrap: 'works' }, settings: { rebuild: 'all' } });
  await ensureBase('bootstrap', made.settings);
  expect(made.programs()).toEqual(['mmdebstrap', 'import']);
});

test('a rebuild of everything that fails leaves what was there', async () => {
  const first = host({ tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', first.settings);
  const [archive = ''] = archives(first);
  const failing = host({ files: first.files, tools: { mmdebstrap: 'fails' }, settings: { rebuild: 'all' } });
  await expect(ensureBase('bootstrap', failing.settings)).rejects.toMatchObject({ code: 'BOOTSTRAP_FAILED' });
  expect(archives(first)).toEqual([archive]);
});

test('an image that is not there is pulled', async () => {
  const world = host({ registry: ['quay.io/x/y:1'] });
  expect(await ensureBase('quay.io/x/y:1', world.settings)).toEqual(base);
  expect(world.programs()).toEqual(['pull', 'create', 'cp', 'rm']);
  expect(world.started.find((line) => line.includes('pull'))?.slice(-2)).toEqual(['--', 'quay.io/x/y:1']);
});

test('an image that was asked for by name is not replaced by another', async () => {
  await expect(ensureBase('quay.io/x/y:1', host({ tools: { mmdebstrap: 'works' } }).settings)).rejects.toMatchObject({
    code: 'BASE_IMAGE_UNAVAILABLE',
    message: expect.stringContaining('no route to host') as string,
  });
});

test.each<{ what: string; given: Host; takes: RegExp; programs: readonly string[] }>([
  { what: 'the public image where it is there', given: { images: [publicBase] }, takes: /^docker\.io/, programs: [] },
  { what: 'the public image where a registry answers', given: { registry: [publicBase] }, takes: /^docker\.io/, programs: ['pull'] },
  {
    what: 'a base made of packages where none answers',
    given: { tools: { mmdebstrap: 'works' } },
    takes: bootstrapName,
    programs: ['pull', 'mmdebstrap', 'import'],
  },
  {
    what: 'one made by debootstrap where that is all there is',
    given: { tools: { debootstrap: 'works' } },
    takes: bootstrapName,
    programs: ['pull', 'mmdebstrap', 'sh', 'import'],
  },
])('`auto` takes $what', async ({ given, takes, programs }) => {
  const world = host(given);
  expect((await ensureBase('auto', world.settings)).reference).toMatch(takes);
  expect(world.programs()).toEqual(programs);
});

test('`auto` stays with what it found, although a registry answers by now', async () => {
  const first = host({ tools: { mmdebstrap: 'works' } });
  const { reference } = await ensureBase('auto', first.settings);
  const later = host({ images: [reference], registry: [publicBase] });
  expect((await ensureBase('auto', later.settings)).reference).toBe(reference);
  expect(later.programs()).toEqual([]);
});

test('`bootstrap` asks no registry', async () => {
  const world = host({ registry: [publicBase], tools: { mmdebstrap: 'works' } });
  expect((await ensureBase('bootstrap', world.settings)).reference).toMatch(bootstrapName);
  expect(world.programs()).toEqual(['mmdebstrap', 'import']);
});

test('an archive that is kept makes the image again, without a mirror and without a tool', async () => {
  const first = host({ tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', first.settings);
  const later = host({ files: first.files });
  expect((await ensureBase('bootstrap', later.settings)).reference).toMatch(bootstrapName);
  expect(later.programs()).toEqual(['import']);
});

test.each<{ does: 'fails' | 'is interrupted'; how: string }>([
  { does: 'fails', how: 'ended with 25' },
  { does: 'is interrupted', how: 'was cancelled' },
])('when the tool $does, no archive is left, and the last lines are told', async ({ does, how }) => {
  const world = host({ tools: { mmdebstrap: does } });
  await expect(ensureBase('bootstrap', world.settings)).rejects.toMatchObject({
    code: 'BOOTSTRAP_FAILED',
    message: `Making the base image with mmdebstrap ${how}.\n\nI: downloading\nE: the mirror does not answer`,
  });
  expect(archives(world)).toEqual([]);
  expect(world.programs()).toEqual(['mmdebstrap']);

  const again = host({ files: world.files, tools: { mmdebstrap: 'works' } });
  expect((await ensureBase('bootstrap', again.settings)).reference).toMatch(bootstrapName);
});

test('what a run that was killed left half-written is thrown away and made again', async () => {
  const first = host({ tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', first.settings);
  const [archive = ''] = archives(first);
  const cutShort = memoryFiles({ [`${archive}.partial`]: 'half' });
  const world = host({ files: cutShort, tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', world.settings);
  expect(archives(world)).toEqual([archive]);
  expect(world.files.text(archive)).toBe('the whole archive');
});

test('where neither tool is installed, that is said, with what to install', async () => {
  for (const rootless of [true, false])
    await expect(ensureBase('bootstrap', host({ settings: { rootless } }).settings)).rejects.toMatchObject({
      code: 'BOOTSTRAP_TOOL_MISSING',
      exitCode: 5,
    });
});

test('debootstrap, which needs root, is not tried without it', async () => {
  const world = host({ tools: { debootstrap: 'works' }, settings: { rootless: true } });
  await expect(ensureBase('bootstrap', world.settings)).rejects.toMatchObject({ code: 'BOOTSTRAP_TOOL_MISSING' });
  expect(world.programs()).toEqual(['mmdebstrap']);
});

test('another release or mirror is another image, with the words of its own', async () => {
  const references = new Set<string>();
  const given = [{}, { hostSuite: 'trixie' }, { suite: 'sid' }, { mirror: 'https://mirror.invalid/debian' }] as const;
  for (const settings of given) {
    const world = host({ tools: { mmdebstrap: 'works' }, settings });
    references.add((await ensureBase('bootstrap', world.settings)).reference);
    const words = world.started.find(([binary]) => binary === 'mmdebstrap') ?? [];
    expect(words).toContain('suite' in settings ? settings.suite : 'hostSuite' in settings ? settings.hostSuite : 'bookworm');
    expect(words.includes('https://mirror.invalid/debian')).toBe('mirror' in settings);
  }
  expect(references.size).toBe(given.length);
});

test('the image carries the label of the installation that made it', async () => {
  const world = host({ tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', world.settings);
  expect(world.started.find((line) => line.includes('import'))).toEqual(
    expect.arrayContaining(['--change=LABEL ai.terok.root=0f1e2d3c4b5a69788796a5b4c3d2e1f0', '--change=LABEL ai.terok.layer=bootstrap']),
  );
});

test('whoever waits sees each line of the tool, whole', async () => {
  const world = host({ tools: { mmdebstrap: 'works' } });
  await ensureBase('bootstrap', world.settings);
  expect(world.told.filter(({ kind }) => kind === 'line').map(({ text }) => text)).toEqual([
    'I: downloading',
    'E: the mirror does not answer',
  ]);
});
