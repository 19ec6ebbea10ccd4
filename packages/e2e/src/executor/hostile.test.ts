/** Whatever a name, a path, a word or a value holds, it reaches the container as it is and moves nothing else. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { openEngine, type Engine } from './engine.ts';

let installation: Installation;
let engine: Engine;
let directory: string;
beforeAll(async () => {
  installation = await sharedInstallation();
  engine = await openEngine(installation);
  directory = await mkdtemp(join(installation.directory, 'hostile-'));
});
afterAll(() => rm(directory, { recursive: true }));

const hostile = [
  ...['', ' ', '-', '--', '--privileged', '-v/:/host', "'", '"', '\\', '$HOME', '$(id)', '`id`', '*', 'a=b', 'a,b', 'ä\u{1f512}'],
  ...['line\nbreak', '\ttab', '\r', '\u001b[31m', '{"a":[1]}', 'x'.repeat(100_000)],
];

test.concurrent('words arrive in the container as they are', async () => {
  const spec = engine.spec('');
  const { stdout } = await engine.ctx.runtime.runOnce({ ...spec, command: ['/bin/bash', '-c', `printf '%s\\0' "$@"`, 'bash', ...hostile] });
  expect(new TextDecoder().decode(stdout).split('\0').slice(0, -1)).toEqual(hostile);
});

test.concurrent('values of variables arrive in the container as they are', async () => {
  const environment = Object.fromEntries(hostile.map((value, index) => [`HOSTILE_${index}`, value]));
  const names = Object.keys(environment).join(' ');
  const { stdout } = await engine.ctx.runtime.runOnce(
    engine.spec(`for name in ${names}; do printf '%s\\0' "\${!name}"; done`, { environment }),
  );
  expect(new TextDecoder().decode(stdout).split('\0').slice(0, -1)).toEqual(hostile);
});

test.concurrent.each(['a,readonly=false', 'a",source=b,"', 'a:b:rw', 'a b', "a'b", 'a=b', 'a\\b', '--privileged', '$(id)', 'ä\u{1f512}'])(
  'a folder named %j is mounted as it is and where it should be, and stays read-only',
  async (name) => {
    const source = join(directory, name);
    await mkdir(source, { mode: 0o755 });
    await writeFile(join(source, 'file'), name, { mode: 0o644 });
    const target = `/mnt/${name}`;
    const spec = engine.spec(`cat "$TARGET/file"; : >"$TARGET/new" || echo refused; ls -d /host /mnt/* 2>/dev/null`, {
      environment: { TARGET: target },
      mounts: [{ source, target, access: 'read' }],
    });
    const { stdout } = await engine.ctx.runtime.runOnce(spec);
    expect(new TextDecoder().decode(stdout)).toBe(`${name}refused\n${target}\n`);
  },
);

test.concurrent('a label says what it was told to say', async () => {
  const { runtime, installationId } = engine.ctx;
  const labels = { 'ai.terok.root': installationId, 'ai.terok.task': 'a=b,c "d" $(id) --privileged' };
  const spec = engine.spec('exit 0', { labels });
  await runtime.create(spec);
  try {
    expect(await runtime.containers(labels)).toEqual([
      expect.objectContaining({ name: spec.name, labels: expect.objectContaining(labels) as unknown }),
    ]);
  } finally {
    await runtime.remove([spec.name]);
  }
});
