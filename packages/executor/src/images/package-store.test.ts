import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { loadRoster } from '../agents/roster.ts';
import { archiveName } from './agent-packages.ts';
import { storedFiles } from './package-store.ts';

const roster = await loadRoster({ files: memoryFiles(), paths: { agents: '/config/agents' } });
const codex = (architecture: string) =>
  roster.agents.get('codex')?.install.packages.find((each) => each.architecture === architecture)?.integrity ?? '';
const store = '/images/packages';

test('every archive is told with its size and whom it is for, the largest first, and nothing else', async () => {
  const [wanted, other, unknown] = [codex('x64'), codex('arm64'), `sha512-${'A'.repeat(86)}==`].map(archiveName);
  const files = memoryFiles({
    [`${store}/${wanted}`]: '123',
    [`${store}/${other}`]: '12',
    [`${store}/${unknown}`]: '1234',
    [`${store}/mine.tgz`]: 'mine',
    [`${store}/incoming/x.tgz`]: 'half',
    '/images/bootstrap-0123456789abcdef.tar': '12345',
    '/images/bootstrap-fedcba9876543210.tar': '1',
    '/images/bootstrap-fedcba9876543210.tar.partial': '1',
  });
  const needs = { roster, architecture: 'x64', baseArchive: '/images/bootstrap-0123456789abcdef.tar' };
  expect(
    (await storedFiles({ files, paths: { images: '/images' } }, needs)).map(({ path, sizeBytes, wantedBy }) => [path, sizeBytes, wantedBy]),
  ).toEqual([
    ['/images/bootstrap-0123456789abcdef.tar', 5, 'bootstrap'],
    [`${store}/${unknown}`, 4, null],
    [`${store}/${wanted}`, 3, expect.stringMatching(/^codex \d/) as string],
    [`${store}/${other}`, 2, null],
    ['/images/bootstrap-fedcba9876543210.tar', 1, null],
  ]);
});
