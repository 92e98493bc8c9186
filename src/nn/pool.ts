// Pooling as layers. Shapes come from the ops themselves, so layers and ops refuse alike.
import * as average from "../ops/avgPool.ts";
import * as maximum from "../ops/maxPool.ts";
import type { AvgPoolOptions, PoolOptions } from "../ops/pool.ts";
import type { PerAxis } from "../ops/window.ts";
import type { Layer } from "./layer.ts";
import { IMAGE, SEQUENCE, spatial } from "./spatial.ts";

/** Options of pooling layers: all but the size. */
export type PoolLayerOptions = Omit<PoolOptions, "size">;
/** Options of average pooling layers: all but the size. */
export type AvgPoolLayerOptions = Omit<AvgPoolOptions, "size">;

/** "maxPool2d(2×3)" */
const named = (call: string, size: PerAxis): string => `${call}(${typeof size === "number" ? size : size.join("×")})`;

/**
 * The largest element of each window: [height, width, channels] → [height', width', channels]. Windows lie side by side unless `stride` says else.
 * @throws ShapeError when the example is no image or a window does not fit; OptionError when an option is no such number
 * @example
 * nn.serial(nn.reshape([28, 28, 1]), nn.maxPool2d(2)); // [14, 14, 1]
 */
export const maxPool2d = (size: PerAxis, options: PoolLayerOptions = {}): Layer =>
  spatial("maxPool2d", named("maxPool2d", size), IMAGE, (x) => maximum.maxPool2d(x, { ...options, size }));

/** The largest element of each window of a sequence: [length, channels] → [length', channels]. */
export const maxPool1d = (size: PerAxis, options: PoolLayerOptions = {}): Layer =>
  spatial("maxPool1d", named("maxPool1d", size), SEQUENCE, (x) => maximum.maxPool1d(x, { ...options, size }));

/**
 * The mean of each window: [height, width, channels] → [height', width', channels].
 * @throws ShapeError when the example is no image or a window does not fit; OptionError when an option is no such number
 */
export const avgPool2d = (size: PerAxis, options: AvgPoolLayerOptions = {}): Layer =>
  spatial("avgPool2d", named("avgPool2d", size), IMAGE, (x) => average.avgPool2d(x, { ...options, size }));

/** The mean of each window of a sequence: [length, channels] → [length', channels]. */
export const avgPool1d = (size: PerAxis, options: AvgPoolLayerOptions = {}): Layer =>
  spatial("avgPool1d", named("avgPool1d", size), SEQUENCE, (x) => average.avgPool1d(x, { ...options, size }));

/** √Σx² over each window: [height, width, channels] → [height', width', channels]. */
export const l2Pool2d = (size: PerAxis, options: PoolLayerOptions = {}): Layer =>
  spatial("l2Pool2d", named("l2Pool2d", size), IMAGE, (x) => average.l2Pool2d(x, { ...options, size }));

/**
 * The mean of each channel: [height, width, channels] → [channels].
 * @example
 * nn.serial(nn.conv2d(32, 3), nn.relu(), nn.globalAvgPool2d(), nn.linear(10));
 */
export const globalAvgPool2d = (): Layer =>
  spatial("globalAvgPool2d", "globalAvgPool2d", IMAGE, average.globalAvgPool2d);

/** The largest element of each channel: [height, width, channels] → [channels]. */
export const globalMaxPool2d = (): Layer =>
  spatial("globalMaxPool2d", "globalMaxPool2d", IMAGE, maximum.globalMaxPool2d);

/** Means over windows that share the image out: [height, width, channels] → [size[0], size[1], channels]. */
export const adaptiveAvgPool2d = (size: PerAxis): Layer =>
  spatial("adaptiveAvgPool2d", named("adaptiveAvgPool2d", size), IMAGE, (x) => average.adaptiveAvgPool2d(x, size));

/** Largest elements over windows that share the image out: [height, width, channels] → [size[0], size[1], channels]. */
export const adaptiveMaxPool2d = (size: PerAxis): Layer =>
  spatial("adaptiveMaxPool2d", named("adaptiveMaxPool2d", size), IMAGE, (x) => maximum.adaptiveMaxPool2d(x, size));
