/** Whether work may start: the setup stamp against the versions of this front end. */
import { checkSetup, type SetupCheck } from '@terok/sandbox/setup-stamp';
import { cliErrors } from './errors.ts';
import type { Invocation } from './invocation.ts';
import { movedText } from './output/moved-text.ts';
import { frontEndVersions } from './versions/versions.ts';

export async function requireSetup({ host, note }: Invocation, { allowDowngrade }: { readonly allowDowngrade: boolean }): Promise<void> {
  const notice = judgeGate(checkSetup(await host(), frontEndVersions()), { allowDowngrade });
  if (notice !== null) note.warn(notice);
}

/** Pure: null to go on, a line to say while going on, or the refusal, thrown. */
export function judgeGate(check: SetupCheck, { allowDowngrade }: { readonly allowDowngrade: boolean }): string | null {
  switch (check.verdict) {
    case 'ok':
      return null;
    case 'first_run':
      throw cliErrors.SETUP_NEEDED({});
    case 'stamp_corrupt':
      throw cliErrors.SETUP_STAMP_UNREADABLE({ reason: check.reason });
    case 'stale_after_update':
      return `terok was updated since its setup (${movedText(check.packages)}); run \`terok setup\` when convenient.`;
    case 'stale_after_downgrade':
      if (!allowDowngrade) throw cliErrors.DOWNGRADE_REFUSED({ changes: movedText(check.packages) });
      return `Going on with an older terok than the one that set this machine up (${movedText(check.packages)}).`;
  }
}
