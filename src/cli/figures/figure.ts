// What a figure is: something this repository claims of itself, measured anew each time.
import type { FoundGpu } from "../../node/find.ts";

/** What all figures of a run share. */
export interface Bench {
  /** "auto", or the adapter that the user wants. */
  readonly device: string;
  /** A folder with `cases` and the lists of required files, where there is one. */
  readonly conformance: string | undefined;
  /** Says what is being done. */
  readonly note: (text: string) => void;
  /** Opens an adapter once; undefined where this machine has none of that name. */
  readonly find: (device: string) => Promise<FoundGpu | undefined>;
}

export interface Measured {
  readonly value: string;
  /** Undefined where this machine cannot tell. */
  readonly isMet: boolean | undefined;
  /** The numbers behind the value. */
  readonly data: unknown;
}

export interface Figure {
  /** For `--only`. */
  readonly name: string;
  readonly what: string;
  readonly bound: string;
  readonly measure: (bench: Bench) => Promise<Measured>;
}
