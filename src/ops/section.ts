// A run of neighbouring elements: a view, which costs nothing. Its adjoint puts a run back among zeros.
import { type Shape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { literal } from "./constant.ts";

/** Where a run begins, and the shape of the result. */
export interface RunAttrs {
  readonly start: number;
  readonly shape: Shape;
}

const sectionOp: OpFunction<RunAttrs> = defineOp<RunAttrs>({
  name: "section",
  inputs: ["x"],
  infer: ([x], { shape }) => ({ shape, dtype: (x as Spec).dtype }),
  grad: ({ x: [x], dy, attrs: { start } }) => [placeOp([dy], { start, shape: (x as Node).shape })],
  pointwise: {
    aligned: false,
    cost: 0,
    startsAt: (_, { start }) => start,
    expression: ({ load, index, attrs: { start } }) => load(0, start === 0 ? index : `${index} + ${start}u`),
  },
});

const placeOp: OpFunction<RunAttrs> = defineOp<RunAttrs>({
  name: "place",
  inputs: ["x"],
  infer: ([x], { shape }) => ({ shape, dtype: (x as Spec).dtype }),
  grad: ({ x: [x], dy, attrs: { start } }) => [sectionOp([dy], { start, shape: (x as Node).shape })],
  pointwise: {
    aligned: false,
    cost: 3,
    rereads: ([x], y) => sizeOf(y.shape) / sizeOf((x as Spec).shape), // it is worked out where it does not count, too
    expression: ({ load, index, local, inputs: [x], output, attrs: { start } }) => {
      const isInside = local("bool", `(${index} - ${start}u) < ${sizeOf((x as Spec).shape)}u`);
      return `select(${literal(0, output.dtype)}, ${load(0, `select(0u, ${index} - ${start}u, ${isInside})`)}, ${isInside})`;
    },
  },
});

/** The elements from `start` on, counted row by row, as `shape`. They must be there. */
export function section(x: Node, start: number, shape: Shape): Node {
  return sectionOp([x], { start, shape });
}

export const sectionOps = { section: sectionOp, place: placeOp };
