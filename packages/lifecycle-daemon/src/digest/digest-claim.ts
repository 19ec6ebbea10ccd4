/**
 * Who shows the digest: one at a time, for as long as whoever it is stays there. Kept in no file, so that a daemon that dies has promised it to
 * nobody; what waits to be shown is on the disk either way.
 */
export interface DigestClaim {
  /** True: it is the caller's from now on, until `gone` aborts or the claim is given up. Asked again, it is still theirs. */
  take(gone: AbortSignal): boolean;
  giveUp(): void;
}

export function digestClaim(): DigestClaim {
  let holder: AbortSignal | null = null;
  return {
    take: (gone) => {
      if (gone.aborted || (holder !== null && !holder.aborted && holder !== gone)) return false;
      holder = gone;
      return true;
    },
    giveUp: () => {
      holder = null;
    },
  };
}
