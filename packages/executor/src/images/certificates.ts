/** The host's certificate authorities, for builds and for containers that have a network: behind a company's proxy nothing else is believed. */
import type { Environment, Files } from '@terok/sandbox';
import type { Mount } from '../run-spec.ts';

/** Where the bundle is mounted, read-only. */
export const caInContainer = '/run/terok/ca-certificates.crt';

/** Where distributions keep theirs: Debian and its children, Fedora and its, Alpine. */
const usualBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', '/etc/ssl/cert.pem'];

/** The file of the host that holds them: the one `SSL_CERT_FILE` names, else the first of the usual ones; null where there is none. */
export async function hostCaBundle(files: Pick<Files, 'stat'>, env: Environment): Promise<string | null> {
  const named = env['SSL_CERT_FILE'];
  for (const path of named?.startsWith('/') === true ? [named, ...usualBundles] : usualBundles) {
    const found = await files.stat(path).catch(() => null);
    if (found !== null && found.kind !== 'directory') return path;
  }
  return null;
}

/** Each family of programs reads a variable of its own. */
export const caVariables = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'] as const;

export type Certificates = { readonly mounts: readonly Mount[]; readonly environment: Readonly<Record<string, string>> };

/** What a networked container is given so that its programs believe whom the host believes. */
export function certificatesFrom(bundle: string | null): Certificates {
  if (bundle === null) return { mounts: [], environment: {} };
  return {
    mounts: [{ source: bundle, target: caInContainer, access: 'read' }],
    environment: Object.fromEntries(caVariables.map((name) => [name, caInContainer])),
  };
}
