// The adjoint pair of average and L2 pooling: sums over windows, and windows' values spread over what they cover. Each is the gradient of the
// other. Both are expressions, so that they fuse: where windows do not overlap, spreading is one lookup.
import { sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { sum } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { allOf } from "./indexing.ts";
import { isIdentity, isWhole, mostTaps, mostWindows, type PoolAxes, tapsOf, windowsOver } from "./poolAxis.ts";
import { coordinates, forEachCovered, overPairs, pooledShape, unpooledShape } from "./poolImages.ts";

const WORK = 8;
const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };

const windowSumOp: OpFunction<PoolAxes> = defineOp<PoolAxes>({
  name: "windowSum",
  inputs: ["x"],
  infer: ([x], axes) => ({ shape: pooledShape(x as Spec, axes), dtype: "f32" }),
  reference: ([x], { inputs: [from], outputs: [to], attrs }) => {
    const y = new Float64Array(sizeOf((to as Spec).shape));
    forEachCovered(from as Spec, attrs, (window, element) => {
      y[window] = (y[window] as number) + ((x as Values)[element] as number);
    });
    return y;
  },
  grad: ({ dy, attrs }) => [windowSpreadOp([dy], attrs)],
  pointwise: {
    aligned: false,
    cost: WORK,
    work: (_, { rows, columns }) => WORK * mostTaps(rows) * mostTaps(columns),
    rereads: (_, __, { rows, columns }) => mostWindows(rows) * mostWindows(columns),
    expression: (context) => {
      const { index, load, local, output, attrs } = context;
      const { rows, columns } = attrs;
      const channels = output.shape[3] as number;
      const [n, row, column, c] = coordinates(output, index, local);
      const [down, across] = [tapsOf(rows, row, local), tapsOf(columns, column, local)];
      return overPairs(mostTaps(rows), mostTaps(columns), context, (a, b) => {
        const [h, w] = [down(a), across(b)];
        const at = `((${n} * ${rows.input}u + ${h.at}) * ${columns.input}u + ${w.at}) * ${channels}u + ${c}`;
        return chosen([...h.conditions, ...w.conditions], at, load, local);
      });
    },
  },
  tolerance: TOLERANCE,
});

const windowSpreadOp: OpFunction<PoolAxes> = defineOp<PoolAxes>({
  name: "windowSpread",
  inputs: ["dy"],
  infer: ([dy], axes) => ({ shape: unpooledShape(dy as Spec, axes), dtype: "f32" }),
  reference: ([dy], { outputs: [to], attrs }) => {
    const dx = new Float64Array(sizeOf((to as Spec).shape));
    forEachCovered(to as Spec, attrs, (window, element) => {
      dx[element] = (dx[element] as number) + ((dy as Values)[window] as number);
    });
    return dx;
  },
  grad: ({ dy, attrs }) => [windowSumOp([dy], attrs)],
  pointwise: {
    aligned: false,
    cost: WORK,
    work: (_, { rows, columns }) => WORK * mostWindows(rows) * mostWindows(columns),
    rereads: ([dy], dx, { rows, columns }) =>
      (mostWindows(rows) * mostWindows(columns) * sizeOf(dx.shape)) / sizeOf((dy as Spec).shape),
    expression: (context) => {
      const { index, load, local, output, attrs } = context;
      const { rows, columns } = attrs;
      const channels = output.shape[3] as number;
      const [n, h, w, c] = coordinates(output, index, local);
      const [down, across] = [windowsOver(rows, h, local), windowsOver(columns, w, local)];
      return overPairs(mostWindows(rows), mostWindows(columns), context, (back, side) => {
        const [row, column] = [down(back), across(side)];
        const at = `((${n} * ${rows.output}u + ${row.at}) * ${columns.output}u + ${column.at}) * ${channels}u + ${c}`;
        const conditions = [...row.conditions, ...row.covers, ...column.conditions, ...column.covers];
        return chosen(conditions, at, load, local);
      });
    },
  },
  tolerance: TOLERANCE,
});

type Local = (type: string, expression: string) => string;

/** Element `at` where the conditions hold, else 0. */
function chosen(
  conditions: readonly string[],
  at: string,
  load: (input: number, index: string) => string,
  local: Local,
): string {
  if (conditions.length === 0) return load(0, local("u32", at));
  const isInside = local("bool", allOf(conditions));
  return `select(0.0f, ${load(0, local("u32", `select(0u, ${at}, ${isInside})`))}, ${isInside})`;
}

/** Sums of images [N, H, W, C] over windows; padding adds nothing. */
export function windowSum(x: Node, axes: PoolAxes): Node {
  const shape = pooledShape(x, axes);
  if (sizeOf(shape) === 0 || sizeOf(x.shape) === 0) return fill(shape, 0);
  if (isIdentity(axes.rows) && isIdentity(axes.columns)) return x;
  if (isWhole(axes.rows) && isWhole(axes.columns)) return sum(x, [1, 2], { keepDims: true });
  return windowSumOp([x], axes);
}

export const windowSumOps = { windowSum: windowSumOp, windowSpread: windowSpreadOp };
