/**
 * First values of parameters, computed on the host: plain functions of (shape, fans, seed, stream), the same on every machine.
 * Definitions and defaults are those of torch.nn.init; our layouts are [in, out] for dense weights and HWIO for filters.
 * @module
 */

import { OptionError, ShapeError } from "../core/error.ts";
import { normals, STREAM, uniforms } from "../core/rng.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";

/** Numbers that feed one output, and outputs that one input feeds: what keeps variances level from layer to layer. */
export type Fans = { readonly fanIn: number; readonly fanOut: number };

/** Where an initialiser draws from: the model's seed and a number of its own for each parameter. */
export type InitializerContext = Fans & { readonly seed: number; readonly stream: number };

/** Makes the row-major f32 values of a parameter of the given shape. The same arguments give the same values. */
export type Initializer = (shape: Shape, context: InitializerContext) => Float32Array;

/** Options of Xavier's and LeCun's initialisers. */
export type GainOptions = {
  /** A factor on the standard deviation, such as √2 for relu. */
  readonly gain?: number;
};
/** Options of He's initialisers. */
export type HeOptions = GainOptions & {
  /** Keeps the variance of the forward ("fanIn", default) or of the backward pass ("fanOut"). */
  readonly mode?: "fanIn" | "fanOut";
};

/**
 * The fans of a weight whose last two axes are (in, out): dense [in, out], filters [height, width, in, out].
 * Throws ShapeError for fewer than two axes.
 */
export function fansOf(shape: Shape): Fans {
  const [inputs, outputs] = shape.slice(-2);
  if (inputs === undefined || outputs === undefined) {
    throw new ShapeError(`fansOf: a weight needs at least two axes, [..., in, out]: ${showShape(shape)}`, { shape });
  }
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * inputs, fanOut: field * outputs };
}

/** All zeros. */
export function zeros(): Initializer {
  return constant(0);
}

/** All `value`. Throws OptionError unless it is finite. */
export function constant(value: number): Initializer {
  checkFinite("constant", { value });
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** Uniform between `low` and `high`. Throws OptionError unless both are finite and low ≤ high. */
export function uniform(low = 0, high = 1): Initializer {
  checkFinite("uniform", { low, high });
  if (low > high) throw new OptionError(`uniform: low is above high: ${low} > ${high}`, { low, high });
  return (shape, context) => uniforms(context.seed, streamOf(context), sizeOf(shape), low, high);
}

/** Normal with the given mean and standard deviation. Throws OptionError unless both are finite and std ≥ 0. */
export function normal(mean = 0, std = 1): Initializer {
  checkFinite("normal", { mean, std });
  if (std < 0) throw new OptionError(`normal: std is negative: ${std}`, { std });
  return (shape, context) => normals(context.seed, streamOf(context), sizeOf(shape), mean, std);
}

/**
 * Xavier (Glorot) uniform: ±gain·√(6 / (fanIn + fanOut)). Glorot and Bengio, AISTATS 2010.
 *
 * @example
 * const weight = xavierUniform()([784, 128], { ...fansOf([784, 128]), seed: 1, stream: 0 });
 */
export function xavierUniform({ gain = 1 }: GainOptions = {}): Initializer {
  return scaled("xavierUniform", evenly, gain, ({ fanIn, fanOut }) => (fanIn + fanOut) / 2);
}

/** Xavier (Glorot) normal: std gain·√(2 / (fanIn + fanOut)). Glorot and Bengio, AISTATS 2010. */
export function xavierNormal({ gain = 1 }: GainOptions = {}): Initializer {
  return scaled("xavierNormal", normally, gain, ({ fanIn, fanOut }) => (fanIn + fanOut) / 2);
}

/** He (Kaiming, MSRA) uniform: ±gain·√(3 / fan), gain √2 by default (relu). He et al., ICCV 2015. */
export function heUniform({ gain = Math.SQRT2, mode = "fanIn" }: HeOptions = {}): Initializer {
  return scaled("heUniform", evenly, gain, fanOfMode("heUniform", mode));
}

/** He (Kaiming, MSRA) normal: std gain / √fan, gain √2 by default (relu). He et al., ICCV 2015. */
export function heNormal({ gain = Math.SQRT2, mode = "fanIn" }: HeOptions = {}): Initializer {
  return scaled("heNormal", normally, gain, fanOfMode("heNormal", mode));
}

/** LeCun uniform: ±gain·√(3 / fanIn). LeCun et al., "Efficient BackProp", 1998. */
export function lecunUniform({ gain = 1 }: GainOptions = {}): Initializer {
  return scaled("lecunUniform", evenly, gain, ({ fanIn }) => fanIn);
}

/** LeCun normal: std gain / √fanIn. LeCun et al., "Efficient BackProp", 1998. */
export function lecunNormal({ gain = 1 }: GainOptions = {}): Initializer {
  return scaled("lecunNormal", normally, gain, ({ fanIn }) => fanIn);
}

/** `size` numbers of mean 0 and the given standard deviation. */
type Draw = (size: number, std: number, context: InitializerContext) => Float32Array;

const normally: Draw = (size, std, context) => normals(context.seed, streamOf(context), size, 0, std);

/** A uniform distribution reaches √3 standard deviations. */
const evenly: Draw = (size, std, context) => {
  const bound = Math.sqrt(3) * std;
  return uniforms(context.seed, streamOf(context), size, -bound, bound);
};

/** Values of variance gain² / fan. */
function scaled(call: string, draw: Draw, gain: number, fanOf: (fans: Fans) => number): Initializer {
  if (!(gain > 0 && gain < Number.POSITIVE_INFINITY)) {
    throw new OptionError(`${call}: gain must be a positive number: ${gain}`, { gain });
  }
  return (shape, context) => {
    const size = sizeOf(shape);
    const fan = fanOf(context);
    if (size > 0 && !(fan > 0 && fan < Number.POSITIVE_INFINITY)) {
      const { fanIn, fanOut } = context;
      throw new OptionError(`${call}: fans must be positive numbers: fanIn ${fanIn}, fanOut ${fanOut}`, {
        fanIn,
        fanOut,
      });
    }
    return draw(size, gain / Math.sqrt(fan), context);
  };
}

function fanOfMode(call: string, mode: "fanIn" | "fanOut"): (fans: Fans) => number {
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw new OptionError(`${call}: mode must be "fanIn" or "fanOut": ${JSON.stringify(mode)}`, { mode });
  }
  return (fans) => fans[mode];
}

function streamOf(context: InitializerContext): readonly number[] {
  return [STREAM.parameters, context.stream];
}

function checkFinite(call: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isFinite(value)) throw new OptionError(`${call}: ${name} must be a finite number: ${value}`, options);
  }
}
