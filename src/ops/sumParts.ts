// The last stage of kernels that work in parts: Σ over the first axis of one or two arrays, in one dispatch.
import shader from "../../shaders/sumParts.wgsl?raw";
import { sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { expand } from "./broadcast.ts";
import { sumOf, teamFor } from "./team.ts";

const sumPartsOp = defineOp({
  name: "sumParts",
  inputs: ["a", "b"],
  optional: 1,
  results: ["y", "z"],
  infer: (inputs) => inputs.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype })),
  grad: ({ x, dys }) => x.map(({ shape }, i) => dys[i] && expand(dys[i] as Node, shape)),
  kernel: {
    build: ({ inputs: [a, b], profile }) => {
      const parts = a?.shape[0] as number;
      const first = sizeOf((a as Spec).shape) / parts;
      const second = b ? sizeOf(b.shape) / parts : 0;
      const team = teamFor({ results: first + second, count: parts, isContiguous: false }, profile, [sumOf("f32")]);
      return {
        file: "sumParts.wgsl",
        shader,
        ...team,
        code: team.code + (b ? "" : "\nfn load_b(i: u32) -> f32 { return 0.0; }\nfn store_z(i: u32, value: f32) {}"),
        sizes: { parts, first, second },
      };
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** Sums of one or two arrays f32 [parts, …] over their parts: a node with as many results. */
export function sumParts(arrays: readonly Node[]): Node {
  return sumPartsOp(arrays, {});
}

export const sumPartsOps = { sumParts: sumPartsOp };
