/** How secrets reach a container: by a file that the engine reads, and that is gone when it has. */
import { join } from 'node:path';
import type { Files } from '@terok/sandbox';
import type { Secrets } from './secrets.ts';

/** The file that the engine reads them from, one `NAME=value` per line. */
export function secretsFileText(secrets: Secrets): string {
  return Object.entries(secrets)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Beside the folders that a container sees, in none of them. */
export const secretsFilePath = (taskRoot: string): string => join(taskRoot, 'secrets.env');

/** The file is there, readable by its owner alone, for as long as the engine needs to read it. */
export async function withSecretsFile<T>(
  { files }: { readonly files: Files },
  path: string,
  secrets: Secrets,
  body: () => Promise<T>,
): Promise<T> {
  if (Object.keys(secrets).length === 0) return body();
  try {
    await files.replace(path, secretsFileText(secrets), { mode: 0o600 });
    return await body();
  } finally {
    await files.remove(path);
  }
}
