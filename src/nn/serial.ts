// Layers in a row, and layers that only move elements.

import { OptionError, ShapeError } from "../core/error.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import { reshape as reshapeOp } from "../ops/broadcast.ts";
import { dropout as dropoutOp } from "../ops/random.ts";
import { applyInner, type GivenLayers, initAll, namedLayers } from "./inner.ts";
import { type Layer, stateless } from "./layer.ts";

/**
 * Applies layers one after the other. Their parameters are named by position, or by name when given as a record.
 * @throws OptionError when there is no layer
 * @example
 * nn.serial(nn.flatten(), nn.linear(128), nn.relu(), nn.linear(10)); // parameters 1.weight, 1.bias, 3.weight, 3.bias
 * nn.serial({ body: nn.linear(32), act: nn.tanh(), head: nn.linear(2) }); // body.weight, …
 */
export function serial(...given: GivenLayers): Layer {
  const layers = namedLayers("serial", given);
  return {
    name: "serial",
    layers,
    init(input, context) {
      const { params, outputs } = initAll(layers, context, (before) => before.at(-1) ?? input);
      return { params, output: outputs.at(-1) as Shape };
    },
    apply: (params, x, context) => layers.reduce((y, named) => applyInner(named, params, y, context), x),
    inner: { chains: [layers], rebuild: (made) => serial(made) },
  };
}

/** All axes of an example as one. */
export function flatten(): Layer {
  return stateless(
    "flatten",
    (x) => reshapeOp(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]),
    (input) => [sizeOf(input)],
  );
}

/** Another shape for each example, of the same size; one axis may be −1. */
export function reshape(shape: Shape): Layer {
  const target = (input: Shape): Shape => {
    const open = shape.indexOf(-1);
    const known = sizeOf(shape.filter((extent) => extent !== -1));
    const full = open < 0 ? shape : shape.map((extent) => (extent === -1 ? sizeOf(input) / known : extent));
    if (sizeOf(full) !== sizeOf(input) || !full.every((extent) => Number.isInteger(extent) && extent >= 0)) {
      throw new ShapeError(`reshape: sizes differ: ${showShape(input)} to ${showShape(shape)}`);
    }
    return full;
  };
  return stateless("reshape", (x) => reshapeOp(x, [x.shape[0] as number, ...target(x.shape.slice(1))]), target);
}

/**
 * Zeroes elements with probability `rate` while training and scales the others by 1 / (1 − rate).
 * Srivastava et al., JMLR 2014.
 * @throws OptionError unless the rate is in 0 … 1
 */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate <= 1)) throw new OptionError(`dropout: rate must be in 0 … 1: got ${rate}`);
  return stateless(`dropout(${rate})`, (x, { training, random }) => (training ? dropoutOp(x, rate, random()) : x));
}
