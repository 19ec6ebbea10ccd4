/** What a look at the host or at terok's own state comes to. */
export type DoctorFinding = {
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'error';
  readonly finding: string;
  /** The command that mends it. */
  readonly fix?: string;
};
