// Products for hardware: too large to compute whole by the reference, and those that networks are made of.

/** [B, M, K] · [B, K, N]; "nt" has the second factor stored transposed, "tn" the first. */
export interface ProductShape {
  readonly name: string;
  readonly B: number;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly layout: Layout;
}

export type Layout = (typeof LAYOUTS)[number];

const LAYOUTS = ["nn", "nt", "tn", "tt"] as const;

function shape(M: number, K: number, N: number, layout: Layout = "nn", B = 1): ProductShape {
  const size = M === K && K === N ? `${M}` : `${M}x${K}x${N}`;
  return { name: `matmul-${B > 1 ? `${B}x` : ""}${size}${layout === "nn" ? "" : `-${layout}`}`, B, M, K, N, layout };
}

const SQUARES = [512, 1024, 2048, 4096, 8192] as const;

/** Square ones, in all layouts. */
export const SQUARE_PRODUCTS = SQUARES.flatMap((size) => LAYOUTS.map((layout) => shape(size, size, size, layout)));

/** What tiles are timed on. */
export const TUNED_PRODUCTS = [
  shape(64, 784, 128),
  shape(64, 128, 784, "nt"),
  shape(784, 64, 128, "tn"),
  shape(64, 128, 10),
  shape(128, 64, 10, "tn"),
  shape(127, 381, 513),
  shape(1000, 1000, 10),
  shape(256, 784, 4096),
  shape(256, 4096, 4096),
  shape(256, 4096, 4096, "nt"),
  shape(4096, 256, 4096, "tn"),
  shape(256, 4096, 10),
  shape(1, 4096, 4096),
  shape(64, 64, 64, "nn", 32),
  shape(512, 512, 512),
  shape(1024, 1024, 1024),
  shape(1024, 1024, 1024, "nt"),
  shape(2048, 2048, 2048),
  shape(4096, 4096, 4096),
] as const;
