// Layers that change the size of images without pooling: padding and resampling.
import { type PadOptions, pad } from "../ops/join.ts";
import { type UpsampleOptions, upsample2d as upsample } from "../ops/upsample.ts";
import { type Padding, sidesOf } from "../ops/window.ts";
import type { Layer } from "./layer.ts";
import { IMAGE, spatial } from "./spatial.ts";

/**
 * Images of another size, the nearest pixels or bilinear: [height, width, channels] → [height', width', channels].
 * @throws ShapeError when the example is no image; OptionError when neither or both of size and scale are given, or are no such numbers
 * @example
 * nn.upsample2d({ scale: 2 }); // [7, 7, 16] → [14, 14, 16]
 */
export const upsample2d = (options: UpsampleOptions): Layer =>
  spatial("upsample2d", "upsample2d", IMAGE, (x) => upsample(x, options));

/**
 * Adds so many pixels on all sides, or [top and bottom, left and right], or [[top, bottom], [left, right]]: of `value` (0), or by `mode`.
 * @throws ShapeError when the example is no image or a mirrored padding is longer than what it mirrors; OptionError when padding is no such number
 * @example
 * nn.serial(nn.pad2d(2, { mode: "reflect" }), nn.conv2d(8, 5)); // as large as before, without a dark border
 */
export function pad2d(padding: Exclude<Padding, "valid" | "same">, options: PadOptions = {}): Layer {
  const [rows, columns] = sidesOf("pad2d", padding, 2) as [readonly [number, number], readonly [number, number]];
  return spatial("pad2d", "pad2d", IMAGE, (x) => pad(x, [[0, 0], rows, columns, [0, 0]], options));
}
