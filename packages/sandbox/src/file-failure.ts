/** What the system says when a file cannot be had, in our words. */
import { sandboxErrors } from './errors.ts';
import type { FileKind } from './host.ts';
import { TerokError } from './terok-error.ts';

/** What was tried, as it stands in "Could not … `<path>`". */
export type Attempt = 'read' | 'look at' | 'list' | 'write' | 'make' | 'move' | 'remove' | 'lock';

export function fileFailure(error: unknown, attempt: Attempt, path: string): TerokError {
  if (error instanceof TerokError) return error;
  if (!isSystemError(error)) throw error;
  switch (error.code) {
    case 'ELOOP':
      return sandboxErrors.FILE_IS_LINK({ path }, error);
    case 'ENOTDIR':
      return sandboxErrors.FILE_NOT_DIRECTORY({ path }, error);
    case 'EISDIR':
      return sandboxErrors.FILE_NOT_REGULAR({ path, kind: 'directory' }, error);
    case 'ENXIO':
      return sandboxErrors.FILE_NOT_REGULAR({ path, kind: 'pipe, socket or device' }, error);
    case 'EACCES':
    case 'EPERM':
      return sandboxErrors.FILE_ACCESS_DENIED({ path, attempt }, error);
    case 'EROFS':
      return sandboxErrors.FILE_SYSTEM_READ_ONLY({ path, attempt }, error);
    case 'ENOSPC':
    case quotaExceeded:
      return sandboxErrors.DISK_FULL({ path, attempt }, error);
    default:
      return sandboxErrors.FILE_FAILED({ path, attempt, reason: describe(error) }, error);
  }
}

/** EDQUOT, as Node puts it: a number that its list of errors does not name. */
const quotaExceeded = 'Unknown system error -122';

export function notRegular(kind: Exclude<FileKind, 'file'>, path: string): TerokError {
  switch (kind) {
    case 'symlink':
      return sandboxErrors.FILE_IS_LINK({ path });
    case 'directory':
      return sandboxErrors.FILE_NOT_REGULAR({ path, kind: 'directory' });
    case 'other':
      return sandboxErrors.FILE_NOT_REGULAR({ path, kind: 'pipe, socket or device' });
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'errno' in error;
}

/** Nothing is at the path, or something on the way to it is no directory. */
export function meansAbsent(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Node's own words for it, without the code in front and the call and the path behind: "ENOENT: no such file or directory, open '/x'". */
function describe(error: NodeJS.ErrnoException & { code: string }): string {
  return /^[A-Z0-9]+: (.+?), [a-z]+/.exec(error.message)?.[1] ?? error.code;
}
