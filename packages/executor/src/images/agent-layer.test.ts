import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { agentNamed, loadRoster } from '../agents/roster.ts';
import { agentLayer } from './agent-layer.ts';

const roster = await loadRoster({ files: memoryFiles(), paths: { agents: '/config/agents' } });
const base = { reference: 'localhost/base:1', contentHash: 'base' };
const layer = (names: readonly string[], { architecture = 'x64', on = base } = {}) =>
  agentLayer(
    on,
    names.map((name) => agentNamed(roster, name)),
    architecture,
  );

test('the shell adds nothing but its name', () => {
  const { containerfile, files, archives } = layer(['shell']);
  expect(containerfile).toBe(
    'FROM localhost/base:1\nUSER root\nCOPY --chmod=0644 installed.env /etc/terok/installed.env\nUSER 1000:1000\n',
  );
  expect(files).toEqual({ 'installed.env': 'TEROK_INSTALLED_AGENTS=shell\n' });
  expect(archives).toEqual({});
});

test('an agent is unpacked from its archive, and its command points into it', () => {
  const { containerfile, archives } = layer(['codex']);
  const [archive = ''] = Object.keys(archives);
  expect(archives[archive]).toMatchObject({ name: '@openai/codex', version: '0.169.0-linux-x64' });
  const folder = '/opt/terok/agents/codex/node_modules';
  const file = `${folder}/@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex`;
  expect(containerfile.split('\n').slice(2, 6)).toEqual([
    `COPY ${archive} /tmp/terok-packages/`,
    `RUN mkdir -p ${folder}/@openai/codex && tar -xzf /tmp/terok-packages/${archive} --strip-components=1 --no-same-owner -C ${folder}/@openai/codex && chmod -R a+rX,go-w ${folder}/@openai/codex`,
    `RUN test -f ${file} && chmod a+x ${file} && ln -sf ${file} /usr/local/bin/codex`,
    'RUN rm -rf /tmp/terok-packages',
  ]);
});

test('each processor has its own packages', () => {
  expect(Object.values(layer(['codex'], { architecture: 'arm64' }).archives).map(({ version }) => version)).toEqual([
    '0.169.0-linux-arm64',
  ]);
  expect(layer(['codex'], { architecture: 'arm64' }).containerfile).toContain('vendor/aarch64-unknown-linux-musl/bin/codex');
});

test('settings that an agent brings stand where it looks for them', () => {
  const { containerfile, files } = layer(['gemini']);
  expect(containerfile).toContain('COPY --chmod=0644 settings-0 /etc/gemini-cli/system-defaults.json');
  expect(JSON.parse(files['settings-0'] ?? '')).toEqual({ security: { auth: { selectedType: 'gemini-api-key' } } });
});

test('the order in which agents are named does not matter', () => {
  expect(layer(['codex', 'claude']).contentHash).toBe(layer(['claude', 'codex']).contentHash);
});

test('another base, choice of agents, processor or archive is another image', () => {
  const codex = agentNamed(roster, 'codex');
  const [first, ...rest] = codex.install.packages;
  const other = { ...codex, install: { ...codex.install, packages: [{ ...first!, integrity: `sha512-${'A'.repeat(86)}==` }, ...rest] } };
  const hashes = [
    layer(['codex']),
    layer(['codex'], { on: { ...base, contentHash: 'other' } }),
    layer(['codex', 'shell']),
    layer(['codex'], { architecture: 'arm64' }),
    agentLayer(base, [other], 'x64'),
  ].map(({ contentHash }) => contentHash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
