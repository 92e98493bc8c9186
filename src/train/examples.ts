// What `predict` takes: a data set, rows, or one flat array, as numbers in one row.
import { ShapeError } from "../core/error.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Dataset } from "../data/dataset.ts";
import { flattenRows, type Numbers } from "../data/rows.ts";

export interface Examples {
  readonly count: number;
  /** Each stands for value · scale + offset. */
  readonly values: ArrayLike<number>;
  readonly scale: number;
  readonly offset: number;
}

/** Examples of `shape`. @throws ShapeError when the numbers do not make whole ones; DataError for ragged rows and for what is no number */
export function examplesOf(given: Dataset | Numbers, shape: Shape): Examples {
  const { values, shape: found, scale, offset } = isDataset(given) ? flat(given) : rows(given);
  const each = found.slice(1);
  const fits =
    each.length === 0 || sameShape(found, shape) || sameShape(each, shape) || sameShape(each, [sizeOf(shape)]);
  const count = values.length / sizeOf(shape);
  if (!fits || !Number.isInteger(count) || count === 0) {
    throw new ShapeError(
      `predict: examples of ${showShape(shape)} are wanted, as rows or in one flat array: got ${showShape(found)}`,
    );
  }
  return { count, values, scale, offset };
}

function isDataset(given: Dataset | Numbers): given is Dataset {
  return (given as Partial<Dataset> | undefined)?.features !== undefined;
}

const flat = ({ features, scale, offset }: Dataset) => ({ values: features, shape: [features.length], scale, offset });
const rows = (given: Numbers) => ({ ...flattenRows("predict", "examples", given), scale: 1, offset: 0 });
