// The geometry of windows that slide over images and sequences, one spatial axis at a time: what convolutions and pools share.
// Host arithmetic only; no op is known here.
import { OptionError, ShapeError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";

/**
 * What lies around an image: nothing ("valid"), as much as makes the output input/stride long, rounded up ("same"; an odd one goes behind), so
 * much on all sides, or for each spatial axis so much on both sides or [before, after].
 */
export type Padding = "valid" | "same" | number | readonly (number | readonly [number, number])[];

/** A number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/** Windows along one axis. Tap t of window o lies at o·stride + t·dilation − before, which counts when it is in 0 … input − 1. */
export interface WindowAxis {
  readonly input: number;
  /** How many windows there are. */
  readonly output: number;
  /** Taps of a window. */
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding in front of the input, and behind it. */
  readonly before: number;
  readonly after: number;
}

/** How windows are placed. */
export interface WindowOptions {
  readonly size: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Default "valid". */
  readonly padding?: Padding | undefined;
  /** Distance of a window's taps, default 1. */
  readonly dilation?: PerAxis | undefined;
  /** A last window may reach beyond the padding behind, if it starts in front of that (as PyTorch's ceil_mode). */
  readonly ceilMode?: boolean | undefined;
  /** What the caller calls a window: "filter". */
  readonly name?: string;
}

/** "5×5" */
const showSize = (sizes: readonly number[]): string => sizes.join("×");

/** How far a window reaches. */
export const reachOf = ({ size, dilation }: { readonly size: number; readonly dilation: number }): number =>
  (size - 1) * dilation + 1;

/**
 * The windows along each spatial axis of `input`: ⌊(input + before + after − reach)/stride⌋ + 1 of them, ⌈…⌉ with `ceilMode`.
 * @throws OptionError when a size, stride or dilation is no whole number from 1 on, or a padding none from 0 on
 * @throws ShapeError when a window does not fit into the padded input
 */
export function windowAxes(call: string, input: Shape, options: WindowOptions): WindowAxis[] {
  const { name = "window", padding = "valid", ceilMode = false } = options;
  const sizes = counts(call, `${name} size`, options.size, input);
  const strides = counts(call, "stride", options.stride ?? 1, input);
  const dilations = counts(call, "dilation", options.dilation ?? 1, input);
  const pairs = padding === "same" ? undefined : sidesOf(call, padding, input.length);
  const axes = input.map((extent, axis): WindowAxis => {
    const window = {
      input: extent,
      size: sizes[axis] as number,
      stride: strides[axis] as number,
      dilation: dilations[axis] as number,
    };
    const [before, after] = pairs?.[axis] ?? sameOf(window);
    const output = pairs ? outputOf(window, before, after, ceilMode) : Math.ceil(extent / window.stride);
    return { ...window, output, before, after };
  });
  if (pairs && axes.some(({ output }) => output < 1)) throw tooLarge(call, name, axes);
  return axes;
}

function outputOf(
  window: Pick<WindowAxis, "input" | "size" | "stride" | "dilation">,
  before: number,
  after: number,
  ceilMode: boolean,
): number {
  const { input, stride } = window;
  const steps = (input + before + after - reachOf(window)) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const output = Math.ceil(steps) + 1;
  return (output - 1) * stride >= input + before ? output - 1 : output; // the last one would start in the padding behind
}

/** Padding that makes the output ⌈input/stride⌉ long. */
function sameOf(window: Pick<WindowAxis, "input" | "size" | "stride" | "dilation">): [number, number] {
  const { input, stride } = window;
  if (input === 0) return [0, 0];
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + reachOf(window) - input);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** One whole number from 1 on for each axis. */
function counts(call: string, what: string, value: PerAxis, input: Shape): readonly number[] {
  const list = typeof value === "number" ? input.map(() => value) : value;
  if (!Array.isArray(list) || list.length !== input.length) throw wrongLength(call, what, value, input.length);
  const wrong = list.find((count) => !Number.isInteger(count) || count < 1);
  if (wrong !== undefined)
    throw new OptionError(`${call}: ${what} must be a whole number from 1 on: got ${wrong}`, { [what]: value });
  return list;
}

/**
 * [before, after] for each of `rank` spatial axes.
 * @throws OptionError when a padding is no whole number from 0 on, or the list is of another length
 */
export function sidesOf(call: string, padding: Exclude<Padding, "same">, rank: number): (readonly [number, number])[] {
  if (padding === "valid") return Array.from({ length: rank }, () => [0, 0] as const);
  if (typeof padding === "string") {
    throw new OptionError(`${call}: padding must be "valid", "same", a number or a list: got "${padding}"`, {
      padding,
    });
  }
  const list = typeof padding === "number" ? Array.from({ length: rank }, () => padding) : padding;
  if (!Array.isArray(list) || list.length !== rank) throw wrongLength(call, "padding", padding, rank);
  const pairs = list.map((sides): readonly number[] => (typeof sides === "number" ? [sides, sides] : sides));
  for (const sides of pairs) {
    const wrong = sides.find((count) => !Number.isInteger(count) || count < 0);
    if (wrong !== undefined)
      throw new OptionError(`${call}: padding must be whole numbers from 0 on: got ${wrong}`, { padding });
    if (sides.length !== 2)
      throw new OptionError(`${call}: padding of an axis is [before, after]: got ${showShape(sides)}`, { padding });
  }
  return pairs as [number, number][];
}

function wrongLength(call: string, what: string, value: unknown, rank: number): OptionError {
  const axes = rank === 1 ? "1 spatial axis" : `${rank} spatial axes`;
  return new OptionError(
    `${call}: ${what} must be a number, or a list of one for each of ${axes}: got ${show(value)}`,
    {
      [what]: value,
    },
  );
}

const show = (value: unknown): string => (Array.isArray(value) ? JSON.stringify(value) : String(value));

function tooLarge(call: string, name: string, axes: readonly WindowAxis[]): ShapeError {
  const size = axes.map((axis) => axis.size);
  const reach = axes.map(reachOf);
  const padded = axes.map(({ input, before, after }) => input + before + after);
  const input = axes.map((axis) => axis.input);
  const spread = axes.some(({ dilation }) => dilation > 1) ? `, ${showSize(reach)} with its dilation,` : "";
  const from = axes.some(({ before, after }) => before + after > 0) ? ` (${showSize(input)} without padding)` : "";
  return new ShapeError(
    `${call}: ${name} ${showSize(size)}${spread} is larger than its padded input ${showSize(padded)}${from}. Use padding "same" or a smaller ${name}`,
    { input, [name]: size },
  );
}
