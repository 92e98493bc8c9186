// Answers conformance cases (format "nn-conformance/1") with this engine; built to dist/conformance/adapter.js.
import type { Answers, Case } from "../../src/cli/judge.ts";
import { Call, type GraphOf, type Tools, type Whole } from "./call.ts";
import { convolutions } from "./convolution.ts";
import { layout } from "./layout.ts";
import { linearAlgebra } from "./linearAlgebra.ts";
import { losses } from "./losses.ts";
import { normalizations } from "./normalization.ts";
import { clipping, optimizers } from "./optimizers.ts";
import { pointwise } from "./pointwise.ts";
import { pooling } from "./pooling.ts";
import { programs } from "./programs.ts";
import { reductions } from "./reduce.ts";
import { tables } from "./schedules.ts";
import { trainings } from "./training.ts";

export { close, device } from "./compute.ts";

const GRAPHS: Readonly<Record<string, GraphOf>> = {
  ...pointwise,
  ...reductions,
  ...layout,
  ...linearAlgebra,
  ...convolutions,
  ...pooling,
  ...normalizations,
  ...losses,
  ...clipping,
  ...programs,
};
const WHOLES: Readonly<Record<string, Whole>> = { ...optimizers, ...trainings, ...tables };
const SUITES = ["torch", "wpt", "webnn-baseline", "keras"];

/** Keras' cases of what we do not have, told by their names: renormalisation, a layer frozen outside of the case, float16. */
const WITHOUT_US = ["test_renorm_correctness", "test_trainable_behavior"];
const HALF_FLOATS = ["keras/op_moments/0010"];

/** The engine's answer; null where it does not support the case. */
export async function run(test: Case, tools: Tools): Promise<Answers | null> {
  if (!SUITES.some((suite) => test.suite === suite || test.suite.startsWith(`${suite}-`))) return null;
  if (test.suite === "keras" && (WITHOUT_US.includes(test.name) || HALF_FLOATS.includes(test.id))) return null;
  const op = snakeCase(test.op === "large" ? String(test.attrs.realOp) : test.op);
  const whole = WHOLES[op];
  if (whole) return whole(new Call(test, tools));
  const graph = GRAPHS[op];
  if (!graph) return null;
  const call = new Call(test, tools);
  return call.answer(graph(call));
}

/** Suites differ: argMax, arg_max. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
