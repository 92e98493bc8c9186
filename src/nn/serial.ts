// Layers in a row, and layers that only move elements.

import { OptionError, ShapeError } from "../core/error.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { reshape as reshapeOp } from "../ops/broadcast.ts";
import { dropout as dropoutOp } from "../ops/random.ts";
import { inLayer, type Layer, type NodeTree, type ParameterTree, stateless } from "./layer.ts";

/**
 * Applies layers one after the other. Their parameters are named by position, or by name when given as a record.
 * @throws OptionError when there is no layer
 * @example
 * nn.serial(nn.flatten(), nn.linear(128), nn.relu(), nn.linear(10)); // parameters 1.weight, 1.bias, 3.weight, 3.bias
 * nn.serial({ body: nn.linear(32), act: nn.tanh(), head: nn.linear(2) }); // body.weight, …
 */
export function serial(...given: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]): Layer {
  const [first] = given;
  const named = first !== undefined && !isLayer(first);
  const layers = Object.entries(named ? (first as Readonly<Record<string, Layer>>) : given) as [string, Layer][];
  if (layers.length === 0) throw new OptionError("serial: there is no layer");
  for (const [name, layer] of layers) {
    if (!isLayer(layer)) throw new OptionError(`serial: layer ${name} is not a layer: ${typeof layer}`);
    if (name.includes(".")) throw new OptionError(`serial: a layer's name must not contain a dot: "${name}"`);
  }
  return {
    name: "serial",
    init(input, context) {
      const params: Record<string, ParameterTree> = {};
      let shape: Shape = input;
      for (const [name, layer] of layers) {
        const made = inLayer(name, () => layer.init(shape, context));
        if (Object.keys(made.params).length > 0) params[name] = made.params;
        shape = made.output;
      }
      return { params, output: shape };
    },
    apply(params, x, context) {
      let y = x;
      for (const [name, layer] of layers) {
        const { note } = context;
        const inner = note
          ? { ...context, note: (path: string, value: Node) => note(`${name}.${path}`, value) }
          : context;
        y = inLayer(name, () => layer.apply((params[name] ?? {}) as NodeTree, y, inner));
        note?.(`${name} (${layer.name})`, y);
      }
      return y;
    },
    inner: { layers: Object.fromEntries(layers), isChain: true, rebuild: (made) => serial(made) },
  };
}

function isLayer(value: unknown): value is Layer {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Layer).init === "function" &&
    typeof (value as Layer).apply === "function"
  );
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
