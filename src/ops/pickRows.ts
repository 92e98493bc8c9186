// Picking by index without a gradient: all of gather but its adjoint, for what is never differentiated, such as the examples of a batch.
import type { DType } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import { defineOp, type OpDefinition } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";

/** An index into an axis of `size`, as a u32: negative ones count from the end; what is out of range stops at the ends. `index` is used several times: a name. */
export function wrappedText(index: string, size: number, dtype: DType): string {
  if (dtype === "u32") return `min(${index}, ${size - 1}u)`;
  return `u32(clamp(select(${index}, ${index} + ${size}, ${index} < 0), 0, ${size - 1}))`;
}

/** How a tensor falls apart around `axis`: [outer, size, inner]. */
export function around({ shape }: Spec, axis: number): { outer: number; size: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), size: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) };
}

export interface GatherAttrs {
  readonly axis: number;
}

/** What `gather` is, apart from its gradient. */
export const gathering: OpDefinition<GatherAttrs> = {
  name: "gather",
  inputs: ["x", "indices"],
  infer: ([x, indices], { axis }) => {
    const { shape, dtype } = x as Spec;
    return { shape: [...shape.slice(0, axis), ...(indices as Spec).shape, ...shape.slice(axis + 1)], dtype };
  },
  pointwise: {
    aligned: false,
    cost: 4,
    rereads: ([x, indices], y) =>
      sizeOf(y.shape) / Math.min(sizeOf((x as Spec).shape), sizeOf((indices as Spec).shape)),
    expression: ({ load, index, local, inputs: [x, indices], attrs: { axis } }) => {
      const { outer, size, inner } = around(x as Spec, axis);
      const { shape, dtype } = indices as Spec;
      const count = sizeOf(shape);
      const position = inner === 1 ? index : local("u32", `${index} / ${inner}u`);
      const row = local(dtype, load(1, outer === 1 ? position : `${position} % ${count}u`));
      const picked = wrappedText(row, size, dtype);
      const start = local("u32", outer === 1 ? picked : `(${position} / ${count}u) * ${size}u + ${picked}`);
      return load(0, inner === 1 ? start : `${start} * ${inner}u + ${local("u32", `${index} % ${inner}u`)}`);
    },
  },
};

const pickRowsOp = defineOp<GatherAttrs>({ ...gathering, name: "pickRows" });

/** Rows of `x` by `indices` (i32 or u32), one for each: [indices…, ...row]. Nothing is checked. */
export function pickRows(x: Node, indices: Node): Node {
  return pickRowsOp([x, indices], { axis: 0 });
}
