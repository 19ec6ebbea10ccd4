/** Whom the host believes, a container with a network believes too; one without is told nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';

let installation: Installation;
let project: DemoProject;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'certificates');
});
afterAll(() => project.remove());

const policy = (network: 'none' | 'open') =>
  writeFile(
    join(installation.configRoot, 'projects', project.id, 'project.yml'),
    `repository: ${project.repository}\nnetwork: { mode: ${network} }\n`,
  );

test('with a network the host’s authorities are there to be read, and only to be read', async () => {
  await policy('open');
  const { exitCode, stdout, stderr } = await project.run(
    'for name in NODE_EXTRA_CA_CERTS SSL_CERT_FILE GIT_SSL_CAINFO CURL_CA_BUNDLE REQUESTS_CA_BUNDLE; do grep -c BEGIN.CERTIFICATE "${!name}"; done; : >>"$SSL_CERT_FILE" || exit 9',
  );
  expect(exitCode, stderr).toBe(9);
  const counts = stdout.trim().split('\n').map(Number);
  expect(counts).toHaveLength(5);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test('without a network there is nothing of them', async () => {
  await policy('none');
  const { exitCode, stderr } = await project.run('[ -z "${SSL_CERT_FILE:-}" ] && [ ! -s /run/terok/ca-certificates.crt ]');
  expect(exitCode, stderr).toBe(0);
});
