import { TerokError } from '@terok/sandbox';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineProfile } from './engine-profile/engine-profile.ts';
import { createArgs, relaxationsOf, type RunSpec } from './run-spec.ts';
import { engineProfile } from './testing/engine-profile.ts';

const spec: RunSpec = {
  name: 'demo-run-k3v8h',
  image: 'localhost/terok/0f1e2d3c/l1:0123456789abcdef',
  labels: { 'ai.terok.root': '0f1e2d3c', 'ai.terok.task': 'k3v8h' },
  command: ['/usr/local/lib/terok/run-task', '600', '/bin/bash', '/home/dev/.terok/prompt.txt'],
  environment: { TASK_ID: 'k3v8h', TEROK_BRANCH: 'main' },
  mounts: [
    { source: '/state/tasks/demo/k3v8h/workspace', target: '/workspace', access: 'write' },
    { source: '/state/mirrors/demo.git', target: '/run/terok/mirror.git', access: 'read' },
  ],
  network: 'none',
  rootFilesystem: 'read_only',
  limits: { memory: '4g', cpus: '2', pids: 4096 },
  timeoutSeconds: 660,
  stopGraceSeconds: 10,
  logMaxSize: '64m',
};
const rootful = engineProfile();

test('the whole line of a task', () => {
  expect(createArgs(spec, rootful).join('\n')).toMatchInlineSnapshot(`
    "create
    --name=demo-run-k3v8h
    --hostname=demo-run-k3v8h
    --label=ai.terok.root=0f1e2d3c
    --label=ai.terok.task=k3v8h
    --pull=never
    --restart=no
    --cap-drop=all
    --security-opt=no-new-privileges
    --security-opt=seccomp=/state/seccomp.json
    --uidmap=0:2000000000:65536
    --gidmap=0:2000000000:65536
    --user=1000:1000
    --ipc=private
    --pid=private
    --uts=private
    --cgroupns=private
    --network=none
    --read-only
    --read-only-tmpfs
    --tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=65536k,mode=1777
    --image-volume=ignore
    --http-proxy=false
    --sdnotify=ignore
    --systemd=false
    --no-healthcheck
    --pids-limit=4096
    --memory=4g
    --memory-swap=4g
    --cpus=2
    --ulimit=core=0:0
    --timeout=660
    --stop-timeout=10
    --log-driver=k8s-file
    --log-opt=max-size=64m
    --init
    --umask=0022
    --env=TASK_ID=k3v8h
    --env=TEROK_BRANCH=main
    --mount=type=bind,source=/state/tasks/demo/k3v8h/workspace,destination=/workspace
    --mount=type=bind,source=/state/mirrors/demo.git,destination=/run/terok/mirror.git,readonly=true
    --workdir=/workspace
    --entrypoint=["/usr/local/lib/terok/run-task"]
    --
    localhost/terok/0f1e2d3c/l1:0123456789abcdef
    600
    /bin/bash
    /home/dev/.terok/prompt.txt"
  `);
});

/** The lines that `changed` adds to and takes from the line of the usual task. */
function difference(changed: { readonly spec?: Partial<RunSpec>; readonly engine?: Partial<EngineProfile> }) {
  const before = createArgs(spec, rootful);
  const after = createArgs({ ...spec, ...changed.spec }, { ...rootful, ...changed.engine });
  return { gone: before.filter((word) => !after.includes(word)), come: after.filter((word) => !before.includes(word)) };
}

test('rootless, the caller is the user inside', () => {
  expect(difference({ engine: { rootless: true, user_mapping: { kind: 'keep_id' } } })).toEqual({
    gone: ['--uidmap=0:2000000000:65536', '--gidmap=0:2000000000:65536'],
    come: ['--userns=keep-id:uid=1000,gid=1000'],
  });
});

test('an engine without user namespaces is told so, and its containers still do not run as root', () => {
  const args = createArgs(spec, { ...rootful, user_mapping: { kind: 'none' } });
  expect(args).toContain('--userns=host');
  expect(args).toContain('--user=1000:1000');
});

test('limits that the engine does not enforce are not asked for', () => {
  const { gone, come } = difference({ engine: { limits: { memory: false, cpus: false, pids: false } } });
  expect(gone).toEqual(['--pids-limit=4096', '--memory=4g', '--memory-swap=4g', '--cpus=2']);
  expect(come).toEqual([]);
});

test('no limit is a choice of its own', () => {
  expect(difference({ spec: { limits: { memory: null, cpus: null, pids: 4096 }, timeoutSeconds: null } })).toEqual({
    gone: ['--memory=4g', '--memory-swap=4g', '--cpus=2', '--timeout=660'],
    come: [],
  });
});

test('an open network is the one that was found to work', () => {
  for (const network of ['bridge', 'slirp4netns', 'pasta'] as const)
    expect(difference({ spec: { network: 'open' }, engine: { open_network: network } })).toEqual({
      gone: ['--network=none'],
      come: [`--network=${network}`],
    });
});

test('an open network where none works is refused, not silently closed', () => {
  expect(() => createArgs({ ...spec, network: 'open' }, { ...rootful, open_network: null })).toThrow(
    expect.objectContaining({ code: 'RUN_SPEC_INVALID' }),
  );
});

test('what a person adds goes before our own settings, which win', () => {
  const args = createArgs({ ...spec, podmanArgs: ['--env=TASK_ID=other', '--shm-size=1g', '--tmpfs=/mnt/scratch'] }, rootful);
  expect(args.indexOf('--env=TASK_ID=other')).toBeGreaterThan(0);
  expect(args.indexOf('--env=TASK_ID=other')).toBeLessThan(args.indexOf('--env=TASK_ID=k3v8h'));
  expect(args.filter((word) => word.startsWith('--tmpfs='))).toEqual([
    '--tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=1g,mode=1777',
    '--tmpfs=/mnt/scratch:rw,nosuid,nodev,noexec,size=64m,mode=1777',
  ]);
});

test('an argument that is not on the list makes no line', () => {
  expect(() => createArgs({ ...spec, podmanArgs: ['--privileged'] }, rootful)).toThrow(
    expect.objectContaining({ code: 'PODMAN_ARG_REFUSED' }),
  );
});

test('a writable root is one wall less and no more', () => {
  expect(difference({ spec: { rootFilesystem: 'writable' } })).toEqual({ gone: ['--read-only', '--read-only-tmpfs'], come: [] });
});

test('secrets go by a file, and show as a wall that is lower', () => {
  const secretsFile = '/run/terok/secrets.env';
  expect(difference({ spec: { secretsFile } })).toEqual({ gone: [], come: [`--env-file=${secretsFile}`] });
  expect(relaxationsOf({ ...spec, secretsFile }, rootful)).toEqual(['secrets']);
});

test('ulimits of the host go to the container', () => {
  const ulimits = [
    { name: 'nofile' as const, soft: 1024, hard: 20_000 },
    { name: 'nproc' as const, soft: 512, hard: 512 },
  ];
  expect(difference({ engine: { ulimits } }).come).toEqual(['--ulimit=nofile=1024:20000', '--ulimit=nproc=512:512']);
});

test('an engine without an init or without seccomp is not asked for one', () => {
  expect(difference({ engine: { init: false, seccomp_profile: null } })).toEqual({
    gone: ['--security-opt=seccomp=/state/seccomp.json', '--init'],
    come: [],
  });
});

test.each<{ what: string; given: Partial<RunSpec>; engine: Partial<EngineProfile>; names: readonly string[] }>([
  { what: 'the default', given: {}, engine: {}, names: [] },
  { what: 'an open network', given: { network: 'open' }, engine: {}, names: ['network: open'] },
  { what: 'a writable root', given: { rootFilesystem: 'writable' }, engine: {}, names: ['writable-root'] },
  { what: 'no user namespace', given: {}, engine: { user_mapping: { kind: 'none' } }, names: ['no-user-namespace'] },
  { what: 'no seccomp', given: {}, engine: { seccomp_profile: null }, names: ['engine-seccomp'] },
  {
    what: 'all of them',
    given: { network: 'open', rootFilesystem: 'writable' },
    engine: { user_mapping: { kind: 'none' }, seccomp_profile: null },
    names: ['network: open', 'writable-root', 'no-user-namespace', 'engine-seccomp'],
  },
])('$what shows as $names', ({ given, engine, names }) => {
  expect(relaxationsOf({ ...spec, ...given }, { ...rootful, ...engine })).toEqual(names);
});

test.each<{ what: string; given: Partial<RunSpec> }>([
  { what: 'an empty name', given: { name: '' } },
  { what: 'a name that is a flag', given: { name: '--privileged' } },
  { what: 'a name with a line break', given: { name: 'demo\n--privileged' } },
  { what: 'a name that goes up', given: { name: '../demo' } },
  { what: 'a name that is too long', given: { name: 'a'.repeat(256) } },
  { what: 'an empty image', given: { image: '' } },
  { what: 'an image that is a flag', given: { image: '--privileged' } },
  { what: 'an image with a space', given: { image: 'debian --privileged' } },
  { what: 'an image with a line break', given: { image: 'debian\n' } },
  { what: 'a label whose name holds a sign of equality', given: { labels: { 'a=b': 'c' } } },
  { what: 'a label without a name', given: { labels: { '': 'c' } } },
  { what: 'a label of two lines', given: { labels: { a: 'b\nc' } } },
  { what: 'a program that PATH decides', given: { command: ['bash'] } },
  { what: 'a program that is a flag', given: { command: ['--privileged'] } },
  { what: 'a NUL in an argument', given: { command: ['/bin/bash', 'a\0b'] } },
  { what: 'a variable whose name holds a sign of equality', given: { environment: { 'A=B': 'c' } } },
  { what: 'a variable that means all of the host’s', given: { environment: { '*': '' } } },
  { what: 'a variable without a name', given: { environment: { '': 'c' } } },
  { what: 'a NUL in a value', given: { environment: { A: 'a\0b' } } },
  { what: 'a relative source', given: { mounts: [{ source: 'state', target: '/workspace', access: 'write' }] } },
  { what: 'a source that goes up', given: { mounts: [{ source: '/state/../etc', target: '/workspace', access: 'write' }] } },
  { what: 'a target that goes up', given: { mounts: [{ source: '/state', target: '/workspace/..', access: 'write' }] } },
  { what: 'a mount of two lines', given: { mounts: [{ source: '/a\n/b', target: '/workspace', access: 'write' }] } },
  { what: 'memory that is no size', given: { limits: { memory: 'much', cpus: null, pids: 1 } } },
  { what: 'negative memory, which is no limit', given: { limits: { memory: '-1', cpus: null, pids: 1 } } },
  { what: 'no memory, which is no limit', given: { limits: { memory: '0', cpus: null, pids: 1 } } },
  { what: 'no memory, written long', given: { limits: { memory: '0.0g', cpus: null, pids: 1 } } },
  { what: 'processors that are no number', given: { limits: { memory: null, cpus: 'all', pids: 1 } } },
  { what: 'no processors, which is no limit', given: { limits: { memory: null, cpus: '0', pids: 1 } } },
  { what: 'negative processes, which is no limit', given: { limits: { memory: null, cpus: null, pids: -1 } } },
  { what: 'no processes, which is no limit', given: { limits: { memory: null, cpus: null, pids: 0 } } },
  { what: 'half a process', given: { limits: { memory: null, cpus: null, pids: 1.5 } } },
  { what: 'a time limit of nothing, which is no limit', given: { timeoutSeconds: 0 } },
  { what: 'an endless time limit', given: { timeoutSeconds: Number.POSITIVE_INFINITY } },
  { what: 'a negative grace', given: { stopGraceSeconds: -1 } },
  { what: 'a relative file of secrets', given: { secretsFile: 'secrets.env' } },
  { what: 'a file of secrets with a line break', given: { secretsFile: '/a\n--privileged' } },
  { what: 'a log size that is more than a size', given: { logMaxSize: '64m,path=/etc/passwd' } },
])('$what is refused', ({ given }) => {
  expect(() => createArgs({ ...spec, ...given }, rootful)).toThrow(expect.objectContaining({ code: 'RUN_SPEC_INVALID' }));
});

/** Words that would hurt if they got through, and words that would not. */
const hostile = fc.oneof(
  { arbitrary: fc.string(), weight: 3 },
  { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
  {
    arbitrary: fc.constantFrom(
      ...[
        '',
        '-',
        '--',
        '--privileged',
        '--cap-add=all',
        '-v/:/host',
        '--network=host',
        '--security-opt=seccomp=unconfined',
        '--userns=host',
      ],
      ...[
        'a,b',
        'a"b',
        '"',
        ',readonly=false',
        '/x,source=/',
        '/x",source=/,"',
        '/x\nsource=/',
        '/x,destination=/etc',
        "'",
        '$(id)',
        '`id`',
      ],
      ...[
        '../..',
        '/../etc',
        '*',
        'A=B',
        '=',
        ':',
        '/a:/b:rw',
        '0',
        '-1',
        '1e9',
        '4g --privileged',
        '\0',
        '\n',
        '\r\n',
        '\u2028',
        '\ud800',
      ],
      ...['demo', 'k3v8h', '/workspace', '/bin/sh', '4g', '2', 'PATH', 'debian:13'],
    ),
    weight: 4,
  },
);
/** Mostly what will pass, so that the rest of the description is put to the test too. */
const mostly = <T>(usual: T, ...others: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 15 }, ...others.map((arbitrary) => ({ arbitrary, weight: 1 })));
const path = fc.oneof({ arbitrary: hostile, weight: 1 }, { arbitrary: hostile.map((text) => `/${text}`), weight: 9 });
/** Arguments that a person wrote: mostly one that is allowed, often with something behind it. */
const podmanWord = fc.oneof(
  {
    arbitrary: fc.constantFrom('--shm-size=1g', '--tz=Europe/Berlin', '--env=NAME=--privileged', '--tmpfs=/mnt/x:1m', '--tmpfs=/srv/y'),
    weight: 20,
  },
  { arbitrary: fc.constantFrom('--dns=192.0.2.1', '--dns-search=corp.example', '--add-host=db:192.0.2.1'), weight: 2 },
  { arbitrary: hostile, weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('--dns=', '--tmpfs=/mnt/x', '--env=', '--shm-size=', '--tz='), hostile)
      .map((parts) => parts.join('')),
    weight: 1,
  },
);
const anySpec: fc.Arbitrary<RunSpec> = fc.record(
  {
    name: mostly(spec.name, hostile),
    image: mostly(spec.image, hostile),
    labels: mostly(spec.labels, fc.dictionary(mostly('label', hostile), hostile, { maxKeys: 3 })),
    command: fc
      .tuple(mostly('/bin/sh', hostile), fc.array(hostile, { maxLength: 4 }))
      .map(([program, args]) => [program, ...args] as const),
    environment: mostly(spec.environment, fc.dictionary(mostly('NAME', hostile), hostile, { maxKeys: 3 })),
    mounts: fc.array(fc.record({ source: path, target: path, access: fc.constantFrom('read', 'write') }), { maxLength: 2 }),
    network: fc.constantFrom('none', 'open'),
    rootFilesystem: fc.constantFrom('read_only', 'writable'),
    limits: fc.record({
      memory: mostly<string | null>('4g', hostile, fc.constant(null)),
      cpus: mostly<string | null>('2', hostile, fc.constant(null)),
      pids: mostly(4096, fc.integer(), fc.double()),
    }),
    timeoutSeconds: mostly<number | null>(60, fc.integer(), fc.double(), fc.constant(null)),
    stopGraceSeconds: mostly(10, fc.integer(), fc.double()),
    logMaxSize: mostly('64m', hostile),
    secretsFile: mostly('/state/secrets.env', path),
    podmanArgs: fc.array(podmanWord, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'name',
      'image',
      'labels',
      'command',
      'environment',
      'mounts',
      'network',
      'rootFilesystem',
      'limits',
      'timeoutSeconds',
      'stopGraceSeconds',
      'logMaxSize',
    ],
  },
);

const limitFlags = ['pids-limit', 'memory', 'memory-swap', 'cpus', 'timeout', 'stop-timeout', 'log-opt'];
const personsFlags = ['dns', 'dns-search', 'add-host', 'tz', 'tmpfs'];
const freeFlags = ['name', 'hostname', 'label', 'env', 'env-file', 'mount', 'entrypoint', ...limitFlags, ...personsFlags];
const flagOf = (word: string) => /^--([a-z-]+)(?:=|$)/.exec(word)?.[1];

/** The line, or null when the description is refused in the one way it may be. */
function argsOrRefusal(given: RunSpec): readonly string[] | null {
  try {
    return createArgs(given, rootful);
  } catch (error) {
    if (error instanceof TerokError && ['RUN_SPEC_INVALID', 'PODMAN_ARG_REFUSED'].includes(error.code)) return null;
    throw error;
  }
}

test('no description can add a flag, change a wall or reach past its own fields', () => {
  // Every field that holds text is among those that are made up here.
  const strings = Object.entries({ ...spec, secretsFile: '', podmanArgs: [] }).filter(
    ([, value]) => /"/.test(JSON.stringify(value)) || Array.isArray(value),
  );
  const made = new Set(fc.sample(anySpec, { numRuns: 50, seed: 1 }).flatMap((given) => Object.keys(given)));
  expect(strings.map(([field]) => field).filter((field) => !made.has(field))).toEqual([]);

  let taken = 0;
  const texts: string[] = [];
  fc.assert(
    fc.property(anySpec, (given) => {
      const args = argsOrRefusal(given);
      if (args === null) return;
      taken += 1;
      texts.push(...given.mounts.flatMap(({ source, target }) => [source, target]), ...(given.podmanArgs ?? []));

      const end = args.indexOf('--');
      const flags = args.slice(1, end);
      expect(args[0]).toBe('create');
      // After `--` there is only what was given, word for word.
      expect(args.slice(end + 1)).toEqual([given.image, ...given.command.slice(1)]);
      // Every word before it is a flag of ours with its value in the same word; the walls are those of a plain description.
      const plain = createArgs({ ...spec, network: given.network, rootFilesystem: given.rootFilesystem }, rootful);
      const walls = (words: readonly string[]) => words.filter((word) => !freeFlags.includes(flagOf(word) ?? ''));
      expect(walls(flags)).toEqual(walls(plain.slice(1, plain.indexOf('--'))));

      const values = (name: string) => flags.filter((word) => flagOf(word) === name).map((word) => word.slice(name.length + 3));
      expect(values('name')).toEqual([given.name]);
      expect(values('hostname')).toEqual([expect.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/)]);
      expect(values('label')).toEqual(Object.entries(given.labels).map(([key, value]) => `${key}=${value}`));
      const own = Object.entries(given.environment).map(([key, value]) => `${key}=${value}`);
      const persons = (given.podmanArgs ?? []).filter((word) => word.startsWith('--env=')).map((word) => word.slice('--env='.length));
      expect(values('env')).toEqual([...persons, ...own]);
      expect(values('env-file')).toEqual(given.secretsFile === undefined ? [] : [given.secretsFile]);
      expect(values('entrypoint').map((text): unknown => JSON.parse(text))).toEqual([[given.command[0]]]);
      expect(values('mount').map(csvRecords)).toEqual(
        given.mounts.map(({ source, target, access }) => [
          ['type=bind', `source=${source}`, `destination=${target}`, ...(access === 'read' ? ['readonly=true'] : [])],
        ]),
      );
      expect(values('tmpfs')[0]).toMatch(/^\/dev\/shm:rw,nosuid,nodev,noexec,size=\d+[kmg]?,mode=1777$/);
      for (const value of values('tmpfs').slice(1))
        expect(value).toMatch(/^\/(?:mnt|srv)(?:\/[\w.-]+)+:rw,nosuid,nodev,noexec,size=\d+[kmg]?,mode=1777$/);
      for (const flag of ['dns', 'dns-search', 'add-host', 'tz']) for (const value of values(flag)) expect(value).toMatch(/^[\w.:/+-]+$/);
      expect(flags.filter((word) => personsFlags.includes(flagOf(word) ?? '')).length - 1 + persons.length).toBeLessThanOrEqual(
        given.podmanArgs?.length ?? 0,
      );
      for (const flag of limitFlags)
        for (const value of values(flag)) expect(value).toMatch(/^(?:max-size=)?[0-9]+(?:\.[0-9]+)? ?[a-z]*$/i);
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(300);
  // Among what was taken there were paths with commas and quotes, and arguments of a person.
  for (const pattern of [/,/, /"/, /^--tmpfs/, /^--env/, /^--tz/])
    expect(texts.filter((text) => pattern.test(text)).length).toBeGreaterThan(5);
});

/** Reads comma-separated values as Go's `encoding/csv` does, which is what podman reads `--mount` with; throws where it would refuse. */
function csvRecords(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let rest = text;
  while (rest !== '') {
    const record: string[] = [];
    for (;;) {
      const field = /^(?:"((?:[^"]|"")*)"|([^",\n]*))(?=[,\n]|$)/.exec(rest);
      if (field === null) throw new SyntaxError(`bare quote in ${JSON.stringify(rest)}`);
      record.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
      const separator = rest[field[0].length];
      rest = rest.slice(field[0].length + 1);
      if (separator !== ',') break;
    }
    records.push(record);
  }
  return records;
}

test.each([
  { path: '/plain', written: 'source=/plain' },
  { path: '/a,readonly=false', written: '"source=/a,readonly=false"' },
  { path: '/a"b', written: '"source=/a""b"' },
  { path: '/a",source=/,"', written: '"source=/a"",source=/,"""' },
  { path: '/with space:colon=equals', written: 'source=/with space:colon=equals' },
])('the path $path stays one field of its mount', ({ path: source, written }) => {
  const args = createArgs({ ...spec, mounts: [{ source, target: '/workspace', access: 'write' }] }, rootful);
  expect(args).toContain(`--mount=type=bind,${written},destination=/workspace`);
});

test.each([
  { name: 'demo-run-k3v8h', hostname: 'demo-run-k3v8h' },
  { name: 'my_project.run', hostname: 'my-project-run' },
  { name: `a${'-'.repeat(70)}`, hostname: 'a' },
  { name: 'x'.repeat(255), hostname: 'x'.repeat(63) },
])('a container named $name has a host name that a kernel takes', ({ name, hostname }) => {
  expect(createArgs({ ...spec, name }, rootful)).toContain(`--hostname=${hostname}`);
});
