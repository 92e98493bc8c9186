// The nine 3 × 3 kernels of every first lesson on convolution, row by row.

export const CLASSIC = {
  identity: [0, 0, 0, 0, 1, 0, 0, 0, 0],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  blur: [0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11],
  emboss: [2, 0, 0, 0, -1, 0, 0, 0, -1],
  sobelX: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  sobelY: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  verticalEdge: [0, 0, 0, -1, 2, -1, 0, 0, 0],
  horizontalEdge: [0, -1, 0, 0, 2, 0, 0, -1, 0],
  surround: [1, 1, 1, 1, -9, 1, 1, 1, 1],
} as const satisfies Record<string, readonly number[]>;

export type ClassicName = keyof typeof CLASSIC;
