// What the parts of a soak have in common.

export interface Soak {
  readonly minutes: number;
  readonly seed: number;
  /** Aborted: the round that is under way is the last one. */
  readonly signal: AbortSignal;
  readonly device: string;
  readonly say: (line: string) => void;
}

export interface Soaked {
  /** What was done, in a few words. */
  readonly head: string;
  /** What was watched, for people. */
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
  /** All of it, for --json. */
  readonly data: object;
}
