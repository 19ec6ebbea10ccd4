/** What can be read of the host without starting a program, and would make a probe answer differently. */

/** Name of the fact → its value, both for people: they are shown when one has changed. */
export type HostFacts = Readonly<Record<string, string>>;

export type HostReadings = {
  readonly facts: HostFacts;
  readonly uid: number;
  readonly architecture: string;
  readonly nofileHard: number | null;
  readonly nprocHard: number | null;
  /** The runtimes that are installed, the better one first. */
  readonly runtimes: readonly ('crun' | 'runc')[];
  /** systemd is process 1, or runs for this user. */
  readonly systemd: boolean;
};
