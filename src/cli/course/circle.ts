// The picture that the course's kernels are tried on: a disc in a square, drawn anew instead of shipped as a file.

/** A grey picture, 0 black … 1 white, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Greys of the quarters: left and right above, left and right below. Their borders are edges inside the disc. */
const QUARTERS = [1, 0.2, 0.5, 1] as const;
/** How far the disc stays from the picture's border, px. */
const MARGIN = 3.5;

/** A disc of four greys with a white rim one pixel wide; its edge is smooth: a pixel half covered is half as bright. */
export function drawCircle(size = 80): Picture {
  const values = new Float32Array(size * size);
  const center = (size - 1) / 2;
  const radius = size / 2 - MARGIN - 0.5;
  const covered = (share: number) => Math.min(Math.max(share, 0), 1);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const distance = Math.hypot(x - center, y - center);
      const grey = QUARTERS[(y < center ? 0 : 2) + (x < center ? 0 : 1)] as number;
      const rim = covered(1 - Math.abs(distance - radius));
      values[y * size + x] = Math.max(grey * covered(radius + 0.5 - distance), rim);
    }
  }
  return { width: size, height: size, values };
}
