// Layers with a table of weights: dense and embedding.
import { ShapeError } from "../core/error.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { gather } from "../ops/gather.ts";
import { linear as linearOp } from "../ops/matmul.ts";
import { type Initializer, normal, xavierUniform, zeros } from "./initializers.ts";
import { checkCount, draw, type Layer } from "./layer.ts";

/** Bias and first values of a dense layer. */
export interface LinearOptions {
  /** Adds a bias (default true). */
  readonly bias?: boolean;
  /** First weights [in, out]; Xavier uniform by default. */
  readonly weight?: Initializer;
  /** First bias [out]; zeros by default. */
  readonly biasInitializer?: Initializer;
}

/**
 * A dense layer: y = x·W + b over the last axis, [..., in] → [..., units].
 * @throws OptionError when `units` is not a whole number from 1 on
 * @example
 * const model = nn.serial(nn.linear(128), nn.relu(), nn.linear(10));
 */
export function linear(units: number, options: LinearOptions = {}): Layer {
  const { bias = true, weight = xavierUniform(), biasInitializer = zeros() } = options;
  checkCount("linear", "units", units);
  return {
    name: `linear(${units})`,
    init(input, context) {
      const inputs = input.at(-1);
      if (inputs === undefined) throw new ShapeError(`linear: an example has no axis to work on: ${showShape(input)}`);
      const drawn = draw(weight, [inputs, units], context);
      const params = bias ? { weight: drawn, bias: draw(biasInitializer, [units], context) } : { weight: drawn };
      return { params, output: [...input.slice(0, -1), units] };
    },
    apply: (params, x) => linearOp(x, params["weight"] as Node, params["bias"] as Node | undefined),
    channels: { channelOf: (_, i) => i % units, withBias: () => linear(units, { ...options, bias: true }) },
    multiplyAdds: (input, output) => sizeOf(output) * (input.at(-1) as number),
  };
}

/**
 * A table of `count` vectors of `size`; whole numbers pick rows: [...] → [..., size].
 * @throws OptionError when a size is not a whole number from 1 on
 */
export function embedding(count: number, size: number, options: { readonly weight?: Initializer } = {}): Layer {
  const { weight = normal() } = options;
  checkCount("embedding", "count", count);
  checkCount("embedding", "size", size);
  return {
    name: `embedding(${count}, ${size})`,
    init: (input: Shape, context) => ({
      params: { weight: draw(weight, [count, size], context) },
      output: [...input, size],
    }),
    apply: (params, x) => {
      if (x.dtype === "f32") throw new ShapeError("embedding: takes whole numbers (i32 or u32): got f32. Use cast");
      return gather(params["weight"] as Node, x, 0);
    },
  };
}
