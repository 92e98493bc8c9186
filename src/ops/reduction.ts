// What all reductions share: the op. How they compute stands apart, since pages that train seldom reduce anything: the kernel in
// `reductionKernel.ts`, float64 in `reductionReference.ts`.
import type { DType } from "../core/dtype.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { GradContext, Node, Spec, Tolerance } from "../graph/node.ts";
import { type ReduceAttrs, reducedShape } from "./reductionShape.ts";

interface Reduction {
  /** `a` (so far) with `b` (the next element), as WGSL; in float64 it stands in `reductionReference.ts`. */
  readonly wgsl: (dtype: DType) => string;
  /** Shader library files that `wgsl` calls. */
  readonly uses?: readonly string[];
  readonly grad?: (context: GradContext<ReduceAttrs>) => readonly (Node | undefined)[];
  readonly tolerance?: Tolerance;
}

let loaded: typeof import("./reductionKernel.ts");

/** Loads the kernel of reductions. */
export async function loadReductions(): Promise<void> {
  loaded ??= await import("./reductionKernel.ts");
}

/** Defines an op that folds elements along axes. The public function deals with empty tensors and keepDims. */
// @__NO_SIDE_EFFECTS__
export function reduction(name: string, { wgsl, uses = [], ...rest }: Reduction): OpFunction<ReduceAttrs> {
  const make: OpFunction<ReduceAttrs> = defineOp<ReduceAttrs>({
    name,
    inputs: ["x"],
    infer: ([x], attrs) => ({ shape: reducedShape((x as Spec).shape, attrs), dtype: (x as Spec).dtype }),
    kernel: {
      load: loadReductions,
      build: (context) => loaded.reduceKernel(context, wgsl((context.inputs[0] as Spec).dtype), uses),
    },
    lower: (node, profile) => loaded.inParts(node, profile, make),
    ...rest,
  });
  return make;
}
