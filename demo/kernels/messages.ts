// What page and worker tell each other. A picture is a plane for each channel, 0 … 1, row by row, one after the other.

export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float32Array<ArrayBuffer>;
}

export type Order =
  /** Everything that follows is done to this picture. */
  | { readonly kind: "picture"; readonly picture: Planes }
  | { readonly kind: "filter"; readonly weights: readonly number[] }
  /** Finds the kernel that makes `after` of the picture; where `after` is missing, what `weights` make of it. */
  | { readonly kind: "learn"; readonly after: Planes | undefined; readonly weights: readonly number[] }
  | { readonly kind: "stop" };

export type Answer =
  | { readonly kind: "filtered"; readonly picture: Planes; readonly milliseconds: number }
  | { readonly kind: "learning"; readonly step: number; readonly loss: number; readonly weights: readonly number[] }
  | { readonly kind: "learnt"; readonly outcome: "found" | "stopped" | "gaveUp"; readonly step: number }
  | { readonly kind: "failed"; readonly doing: "filter" | "learn" | "open"; readonly reason: string };
