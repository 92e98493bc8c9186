// Cases that move elements: shapes, slices, joins, padding, gathering and scattering.

import { broadcastShapes } from "../../src/core/shape.ts";
import type { Node } from "../../src/graph/node.ts";
import { cast, equal, where } from "../../src/ops/arithmetic.ts";
import { permute, squeeze, tile, transpose } from "../../src/ops/arrange.ts";
import { expand, reshape } from "../../src/ops/broadcast.ts";
import { iota } from "../../src/ops/constant.ts";
import { gather, oneHot, scatterAdd } from "../../src/ops/gather.ts";
import { concat, pad, split, stack } from "../../src/ops/join.ts";
import { flip, slice } from "../../src/ops/layout.ts";
import { detach } from "../../src/ops/unary.ts";
import type { Call, GraphOf } from "./call.ts";

type PadMode = "constant" | "edge" | "reflect" | "symmetric";
const PAD_MODES: Readonly<Record<string, PadMode>> = {
  constant: "constant",
  edge: "edge",
  replicate: "edge",
  reflect: "reflect",
  reflection: "reflect",
  symmetric: "symmetric",
};

function padded(call: Call): Node {
  const before = call.attr<readonly number[]>("beginningPadding", []);
  const after = call.attr<readonly number[]>("endingPadding", []);
  const pairs = call.attr<readonly (readonly [number, number])[]>(
    "padding",
    before.map((count, axis) => [count, after[axis] as number]),
  );
  const mode = PAD_MODES[call.attr("mode", "constant")];
  if (!mode) throw new Error(`unknown padding mode ${call.text("mode")}`);
  return pad(call.x, pairs, { mode, value: call.attr("value", 0) });
}

function sliced(call: Call): Node {
  const starts = call.attr<readonly number[]>("starts", []);
  const sizes = call.attr<readonly number[]>("sizes", []);
  const steps = call.attr<readonly number[]>(
    "strides",
    sizes.map(() => 1),
  );
  return slice(
    call.x,
    starts,
    starts.map((start, axis) => start + (sizes[axis] as number)),
    steps,
  );
}

/** WebNN's shapes broadcast both ways. */
function expanded(call: Call): Node {
  const shape = call.anyOf<readonly number[]>(["shape", "newShape"], []);
  return expand(call.x, broadcastShapes("expand", call.x.shape, shape));
}

const indicesOf = (call: Call): Node => cast(call.named("indices"), "i32");

/** Rows of a table; the row `paddingIdx` reads as any other and gets no gradient. */
function embedded(call: Call): Node {
  const weight = call.named("weight");
  const padding = call.attr<number | undefined>("paddingIdx", undefined);
  if (padding === undefined) return gather(weight, indicesOf(call), 0);
  const isPadding = equal(iota(weight.shape[0] as number, "i32"), padding);
  return gather(where(reshape(isPadding, [-1, 1]), detach(weight), weight), indicesOf(call), 0);
}

export const layout: Readonly<Record<string, GraphOf>> = {
  reshape: (call) => {
    const shape = call.anyOf<readonly (number | null)[]>(["shape", "newShape"], []);
    return reshape(
      call.x,
      shape.map((size) => size ?? -1),
    );
  },
  transpose: (call) => {
    const permutation = call.attr<readonly number[] | undefined>("permutation", undefined);
    return permutation ? permute(call.x, permutation) : transpose(call.x);
  },
  squeeze: (call) => squeeze(call.x, call.attr<readonly number[] | undefined>("axes", undefined)),
  expand: expanded,
  tile: (call) => tile(call.x, call.attr<readonly number[]>("repetitions", [])),
  reverse: (call) => flip(call.x, call.attr<readonly number[] | undefined>("axes", undefined)),
  slice: sliced,
  pad: padded,
  concat: (call) => concat(call.inputs, call.attr("axis", 0)),
  stack: (call) => stack(call.inputs, call.attr("axis", 0)),
  split: (call) => split(call.x, call.anyOf<number | readonly number[]>(["splits", "sizes"], 1), call.attr("axis", 0)),
  gather: (call) => gather(call.x, indicesOf(call), call.attr("axis", 0)), // WebNN's baseline has float indices
  embedding: embedded,
  scatter_add: (call) => scatterAdd(call.named("x"), call.named("indices"), call.named("src"), call.attr("axis", 0)),
  one_hot: (call) => oneHot(call.named("indices"), call.attr("depth", 1)),
};
