// The nine 3 × 3 kernels of every first lesson on convolution, row by row.

export interface ClassicKernel {
  readonly name: string;
  readonly weights: readonly number[];
}

const BLUR = 0.11; // the course's rounding of 1/9

export const CLASSIC_KERNELS: readonly ClassicKernel[] = [
  { name: "sharpen", weights: [0, -1, 0, -1, 5, -1, 0, -1, 0] },
  { name: "vertical edge", weights: [0, 0, 0, -1, 2, -1, 0, 0, 0] },
  { name: "surround", weights: [1, 1, 1, 1, -9, 1, 1, 1, 1] },
  { name: "Sobel-Y", weights: [-1, -2, -1, 0, 0, 0, 1, 2, 1] },
  { name: "identity", weights: [0, 0, 0, 0, 1, 0, 0, 0, 0] },
  { name: "horizontal edge", weights: [0, -1, 0, 0, 2, 0, 0, -1, 0] },
  { name: "blur", weights: Array.from({ length: 9 }, () => BLUR) },
  { name: "Sobel-X", weights: [-1, 0, 1, -2, 0, 2, -1, 0, 1] },
  { name: "emboss", weights: [2, 0, 0, 0, -1, 0, 0, 0, -1] },
];
