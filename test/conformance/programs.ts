// Cases "graph": random autograd programs, each node an op of earlier nodes and leaves.
import type { Node } from "../../src/graph/node.ts";
import { elu, leakyRelu, relu, sigmoid, softplus, tanh } from "../../src/ops/activation.ts";
import { add, div, mul, neg, sub } from "../../src/ops/arithmetic.ts";
import { permute } from "../../src/ops/arrange.ts";
import { maximum } from "../../src/ops/binary.ts";
import { reshape, sum } from "../../src/ops/broadcast.ts";
import { cumsum } from "../../src/ops/cumulative.ts";
import { gelu } from "../../src/ops/gated.ts";
import { concat } from "../../src/ops/join.ts";
import { sliceAxis } from "../../src/ops/layout.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { logSumExp, max, mean } from "../../src/ops/reduce.ts";
import { softmax } from "../../src/ops/softmax.ts";
import { abs, exp, log, sqrt, square } from "../../src/ops/unary.ts";
import type { GraphOf } from "./call.ts";

interface Attrs {
  readonly axis: number;
  readonly keepDims?: boolean;
  readonly permutation: readonly number[];
  readonly shape: readonly number[];
  readonly transB?: boolean;
  readonly start: number;
  readonly size: number;
  readonly by: number;
  readonly alpha: number;
}

interface Line {
  readonly id: string;
  readonly op: string;
  readonly args: readonly string[];
  readonly attrs: Attrs;
}

type Build = (a: Node, b: Node, attrs: Attrs) => Node;

const reduced = (f: (x: Node, axes: number, options: { keepDims: boolean }) => Node): Build => {
  return (a, _, { axis, keepDims = false }) => f(a, axis, { keepDims });
};

const one =
  (f: (x: Node) => Node): Build =>
  (a) =>
    f(a);

const OPS: Readonly<Record<string, Build>> = {
  add: (a, b) => add(a, b),
  sub: (a, b) => sub(a, b),
  mul: (a, b) => mul(a, b),
  div: (a, b) => div(a, add(mul(b, b), 1)),
  max: (a, b) => maximum(a, b),
  matmul: (a, b, { transB = false }) => matmul(a, b, { transposeB: transB }),
  concat: (a, b, { axis }) => concat([a, b], axis),
  tanh: one(tanh),
  sigmoid: one(sigmoid),
  relu: one(relu),
  softplus: one(softplus),
  elu: one(elu),
  leaky_relu: (a, _, { alpha }) => leakyRelu(a, { alpha }),
  gelu: one(gelu),
  exp: (a) => exp(tanh(a)),
  log: (a) => log(add(mul(a, a), 1)),
  sqrt: (a) => sqrt(add(mul(a, a), 1)),
  square: one(square),
  abs: one(abs),
  neg: one(neg),
  scale: (a, _, { by }) => mul(a, by),
  sum: reduced(sum),
  mean: reduced(mean),
  amax: reduced(max),
  logsumexp: reduced(logSumExp),
  softmax: (a, _, { axis }) => softmax(a, axis),
  cumsum: (a, _, { axis }) => cumsum(a, axis),
  slice: (a, _, { axis, start, size }) => sliceAxis(a, axis, start, size),
  transpose: (a, _, { permutation }) => permute(a, permutation),
  reshape: (a, _, { shape }) => reshape(a, shape),
};

export const programs: Readonly<Record<string, GraphOf>> = {
  graph: (call) => {
    const known = new Map(Object.keys(call.test.inputs).map((name) => [name, call.named(name)]));
    const value = (id: string): Node => {
      const node = known.get(id);
      if (!node) throw new Error(`the program uses ${id} before it is computed`);
      return node;
    };
    for (const { id, op, args, attrs } of call.attr<readonly Line[]>("program", [])) {
      const build = OPS[op];
      if (!build) throw new Error(`unknown op in a program: ${op}`);
      const [a = "", b = a] = args;
      known.set(id, build(value(a), value(b), attrs));
    }
    return value(call.text("output"));
  },
};
