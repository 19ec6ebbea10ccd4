import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { certificatesFrom, hostCaBundle } from './certificates.ts';

const debian = '/etc/ssl/certs/ca-certificates.crt';

test.each([
  ['the usual one', [debian], {}, debian],
  [
    'another distribution’s',
    ['/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    {},
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  ],
  ['the one that is named', ['/company.pem', debian], { SSL_CERT_FILE: '/company.pem' }, '/company.pem'],
  ['the usual one when the named one is not there', [debian], { SSL_CERT_FILE: '/gone.pem' }, debian],
  ['the usual one when what is named is no path', [debian], { SSL_CERT_FILE: 'company.pem' }, debian],
  ['none', [], {}, null],
])('the bundle of the host is %s', async (_, there, env, expected) => {
  const files = memoryFiles(Object.fromEntries(there.map((path) => [path, 'certificates'])));
  expect(await hostCaBundle(files, env)).toBe(expected);
});

test('every family of programs is told of it by its own variable', () => {
  const { mounts, environment } = certificatesFrom(debian);
  expect(mounts).toEqual([{ source: debian, target: '/run/terok/ca-certificates.crt', access: 'read' }]);
  expect(Object.keys(environment).toSorted()).toEqual([
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'NODE_EXTRA_CA_CERTS',
    'REQUESTS_CA_BUNDLE',
    'SSL_CERT_FILE',
  ]);
  expect(new Set(Object.values(environment))).toEqual(new Set(['/run/terok/ca-certificates.crt']));
});

test('without one nothing is mounted and nothing is said', () => {
  expect(certificatesFrom(null)).toEqual({ mounts: [], environment: {} });
});
