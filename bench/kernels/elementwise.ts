// Work that is limited by memory or by special functions, a million elements each.
import type { Node } from "../../src/graph/node.ts";
import { tanh } from "../../src/ops/activation.ts";
import { add, mul, neg } from "../../src/ops/arithmetic.ts";
import { gelu } from "../../src/ops/gated.ts";
import { kernel } from "./kernel.ts";

const MILLION = [1024, 1024] as const;

export const ELEMENTWISE = [
  kernel("copy-16MB", [[2048, 2048]], (x) => neg(x as Node)),
  kernel("multiply-add", [MILLION, MILLION, MILLION], (a, b, c) => add(mul(a as Node, b as Node), c as Node)),
  kernel("tanh", [MILLION], (x) => tanh(x as Node)),
  kernel("gelu", [MILLION], (x) => gelu(x as Node)),
];
