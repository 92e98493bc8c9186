// What the page asks its worker for, and what comes back: names and shapes of everything that crosses over.

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

export type ModelName = "cnn" | "mlp";

/** What a run is made from. */
export interface Setup {
  readonly model: ModelName;
  readonly rate: number;
  readonly batch: number;
  readonly seed: number;
  /** The folder with the digits' files. */
  readonly data: string;
}

/** What the worker adds to the news that a run is open. */
export interface RunInfo {
  /** "small" is what runs where only the CPU reference is left. */
  readonly model: ModelName | "small";
  readonly shape: string;
  readonly tests: number;
}

/** Messages named "data": how much of the training set is here. `failure` is what ended the loading before its end. */
export interface DataNews {
  readonly digits: number;
  readonly ofDigits: number;
  readonly bytes: number;
  readonly ofBytes: number;
  /** True when training goes on with more digits after a pause. */
  readonly isGrown: boolean;
  readonly failure?: string;
}

/** Request "look": what the network makes of one digit. */
export interface Look {
  readonly chances: readonly number[];
  readonly filters: Pictures;
  readonly maps: Pictures;
}

/** Pictures of one size, one after the other. */
export interface Pictures {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** As many mistakes of each kind are told, and shown at once. */
export const SHOWN_MISTAKES = 24;

/** Request "test": the test digits so far. */
export interface Tested {
  readonly count: number;
  readonly right: number;
  /** counts[10 · label + answer] */
  readonly counts: readonly number[];
  /** The first of each kind. */
  readonly mistakes: readonly Mistake[];
}

export interface Mistake {
  /** Which test digit; request "digits" gives its pixels. */
  readonly index: number;
  readonly label: number;
  readonly answer: number;
}

/** Request "digits": pixels and labels of test digits. */
export interface Digits {
  readonly pixels: Uint8Array;
  readonly labels: readonly number[];
}
