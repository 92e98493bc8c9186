// Rows as users write them (nested arrays, lists of typed arrays, one flat array) → one flat array and its shape.
import { DataError } from "../core/error.ts";
import { checkShape, type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";

/** Numbers as one flat row-major array, or as rows nested to any depth. */
export type Numbers = ArrayLike<number> | ArrayLike<boolean> | readonly Numbers[];

/** Row-major values and their shape, the number of rows first. A flat array has shape [length]. */
export type Rows = { readonly values: ArrayLike<number>; readonly shape: Shape };

type Row = ArrayLike<unknown>;

/** Flattens rows; a typed array is returned as it is. Throws DataError for ragged rows and for what is no number. */
export function flattenRows(call: string, what: string, numbers: Numbers): Rows {
  if (!isRow(numbers)) throw new DataError(`${call}: ${what} must be an array of numbers: ${show(numbers)}`);
  if (ArrayBuffer.isView(numbers)) return { values: numbers as ArrayLike<number>, shape: [numbers.length] };
  const shape = nestedShape(numbers);
  const values = new Float64Array(sizeOf(shape));
  const path: number[] = []; // where `node` lies
  let next = 0;
  const fill = (node: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof node !== "number" && typeof node !== "boolean") {
        throw new DataError(`${call}: ${what} must be numbers: ${show(node)} at ${showShape(path)}`, { path });
      }
      values[next++] = Number(node);
      return;
    }
    if (!isRow(node) || node.length !== shape[depth]) {
      const found = isRow(node) ? `holds ${node.length}` : `is ${show(node)}`;
      const expected = showShape(shape.slice(depth));
      throw new DataError(`${call}: ${what} are ragged: the first row is ${expected}, ${showShape(path)} ${found}`, {
        path,
      });
    }
    for (let i = 0; i < node.length; i++) {
      path[depth] = i;
      fill(node[i], depth + 1);
    }
    path.length = depth;
  };
  fill(numbers, 0);
  return { values, shape };
}

/** So many rows of one shape, one after the other. */
export type ShapedRows = { readonly values: ArrayLike<number>; readonly count: number; readonly shape: Shape };

/** Splits rows into `count` parts of a shape: nested rows have one, flat ones get `shape`. Throws DataError where that does not fit. */
export function shapedRows(call: string, what: string, { values, shape: whole }: Rows, shape: Shape): ShapedRows {
  const [count = 0, ...own] = whole;
  if (own.length > 0 && (shape.length === 0 || sameShape(own, shape))) return { values, count, shape: own };
  checkShape(call, shape);
  const size = sizeOf(shape);
  if (own.length > 0 && sizeOf(own) === size) return { values, count, shape };
  if (own.length > 0 || size === 0 || values.length % size !== 0) {
    throw new DataError(
      `${call}: ${what} of shape ${showShape(whole)} do not make rows of shape ${showShape(shape)}: ${values.length} values`,
    );
  }
  return { values, count: values.length / size, shape };
}

/** The shape that the first element, the first element's first element and so on have. */
function nestedShape(numbers: Row): number[] {
  const shape: number[] = [];
  for (let node: unknown = numbers; isRow(node); node = node[0]) shape.push(node.length);
  return shape;
}

function isRow(value: unknown): value is Row {
  if (value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array) return false;
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function show(value: unknown): string {
  if (isRow(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
}
