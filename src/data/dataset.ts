// A data set: examples with labels, flat and row-major as they will lie on the GPU. Bytes stay bytes and are decoded where they are read.
import { DataError, OptionError } from "../core/error.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import { flattenRows, type Numbers, type ShapedRows, shapedRows } from "./rows.ts";

/** Checked examples and labels. Example i is features[i·size … (i + 1)·size), size being the product of `shape`. */
export type Dataset = {
  readonly count: number;
  /** Of one example: [28, 28, 1] for an image, channels last. */
  readonly shape: Shape;
  /** f32, whole numbers (token indices), or bytes that stand for byte · scale + offset. */
  readonly features: Float32Array | Int32Array | Uint8Array;
  readonly scale: number;
  readonly offset: number;
  /** Class indices (Int32Array, and then `classes` is set) or targets (Float32Array). */
  readonly labels: Int32Array | Float32Array;
  /** Of one example's label: [] for a class index or a single target. */
  readonly labelShape: Shape;
  /** How many classes there are; undefined where labels are targets. */
  readonly classes: number | undefined;
};

/** What `dataset` cannot tell from the numbers alone. */
export type DatasetOptions = {
  /** The shape of one example, where features come as one flat array; [features per example] by default. */
  readonly shape?: Shape;
  /** The shape of one label, where labels come as one flat array; [] by default. */
  readonly labelShape?: Shape;
  /** Makes labels class indices in 0 … classes − 1. Whole-number typed arrays are class indices without it too. */
  readonly classes?: number;
  /** What a byte stands for: byte · scale + offset. By default 1/255 and 0, so that values lie in 0 … 1. */
  readonly scale?: number;
  readonly offset?: number;
};

/**
 * Makes a data set of examples and labels, each given as rows or as one flat array. Typed arrays that fit are kept, not copied.
 * Uint8Array features stay bytes, Int32Array and Uint32Array features stay whole numbers, everything else becomes f32.
 *
 * Throws DataError for empty or ragged data, counts that differ, numbers that are not finite in f32, and labels that are no
 * class index; ShapeError and OptionError for options that make no sense.
 *
 * @example
 * const xor = dataset([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { classes: 2 });
 */
export function dataset(features: Numbers, labels: Numbers, options: DatasetOptions = {}): Dataset {
  const labelRows = shapedRows("dataset", "labels", flattenRows("dataset", "labels", labels), options.labelShape ?? []);
  const count = labelRows.count;
  const found = flattenRows("dataset", "features", features);
  if (count === 0 || found.values.length === 0) {
    throw new DataError(`dataset: there are no examples: ${found.values.length} features, ${count} labels`);
  }
  const perExample = found.values.length / count;
  const fallback = found.shape.length === 1 && Number.isInteger(perExample) ? [perExample] : [];
  const rows = shapedRows("dataset", "features", found, options.shape ?? fallback);
  if (rows.count !== count) {
    throw new DataError(`dataset: counts differ: ${rows.count} examples, ${count} labels`);
  }
  const asClasses = options.classes !== undefined || isWhole(labels);
  return {
    count,
    shape: rows.shape,
    ...storedFeatures(features, rows, options),
    labelShape: labelRows.shape,
    ...(asClasses
      ? classIndices(labelRows, options.classes)
      : { labels: asFloat32("labels", labelRows), classes: undefined }),
  };
}

/** The examples at `indices`, in that order, copied. Throws DataError for an index outside the set and for none at all. */
export function take(set: Dataset, indices: ArrayLike<number>): Dataset {
  if (indices.length === 0) throw new DataError("take: there are no examples: 0 indices");
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (!Number.isInteger(index) || index < 0 || index >= set.count) {
      throw new DataError(`take: an index is outside the set: ${index} of ${set.count} examples`, { index });
    }
  }
  return {
    ...set,
    count: indices.length,
    features: takeRows(set.features, sizeOf(set.shape), indices),
    labels: takeRows(set.labels, sizeOf(set.labelShape), indices),
  };
}

function takeRows<Values extends Float32Array | Int32Array | Uint8Array>(
  values: Values,
  size: number,
  indices: ArrayLike<number>,
): Values {
  const taken = new (values.constructor as new (length: number) => Values)(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * size;
    taken.set(values.subarray(start, start + size), i * size);
  }
  return taken;
}

function storedFeatures(
  given: Numbers,
  rows: ShapedRows,
  options: DatasetOptions,
): Pick<Dataset, "features" | "scale" | "offset"> {
  const bytes = given instanceof Uint8Array || given instanceof Uint8ClampedArray;
  const { scale = bytes ? 1 / 255 : 1, offset = 0 } = options;
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) {
    throw new OptionError(`dataset: scale and offset must be finite numbers: ${scale} and ${offset}`, {
      scale,
      offset,
    });
  }
  if (bytes) return { features: new Uint8Array(given.buffer, given.byteOffset, given.length), scale, offset };
  if (scale !== 1 || offset !== 0) {
    throw new OptionError(`dataset: scale and offset are for bytes (Uint8Array): ${scale} and ${offset}`, {
      scale,
      offset,
    });
  }
  return { features: isWhole(given) ? asInt32("features", rows) : asFloat32("features", rows), scale, offset };
}

/** Labels as class indices: whole numbers from 0 to below `classes`, by default below the greatest + 1. */
function classIndices(rows: ShapedRows, classes: number | undefined): Pick<Dataset, "labels" | "classes"> {
  if (classes !== undefined && (!Number.isInteger(classes) || classes < 1)) {
    throw new OptionError(`dataset: classes must be a whole number from 1 on: ${classes}`, { classes });
  }
  let greatest = 0;
  for (let i = 0; i < rows.values.length; i++) {
    const label = rows.values[i] as number;
    if (!Number.isInteger(label) || label < 0 || label >= (classes ?? 2 ** 31)) {
      const range = classes === undefined ? "a class index" : `a class index below ${classes}`;
      throw new DataError(`dataset: a label is not ${range}: ${label} ${place(rows, i)}`, { label });
    }
    greatest = Math.max(greatest, label);
  }
  return { labels: asInt32("labels", rows), classes: classes ?? greatest + 1 };
}

function asFloat32(what: string, rows: ShapedRows): Float32Array {
  const values = rows.values instanceof Float32Array ? rows.values : Float32Array.from(rows.values);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new DataError(`dataset: ${what} are not finite in f32: ${rows.values[at]} ${place(rows, at)}`);
  return values;
}

function asInt32(what: string, rows: ShapedRows): Int32Array {
  if (rows.values instanceof Int32Array) return rows.values;
  const values = Int32Array.from(rows.values);
  const at = values.findIndex((value, i) => value !== rows.values[i]);
  if (at >= 0) throw new DataError(`dataset: ${what} do not fit 32 bits: ${rows.values[at]} ${place(rows, at)}`);
  return values;
}

function isWhole(numbers: Numbers): boolean {
  return (
    numbers instanceof Uint8Array ||
    numbers instanceof Int8Array ||
    numbers instanceof Uint16Array ||
    numbers instanceof Int16Array ||
    numbers instanceof Uint32Array ||
    numbers instanceof Int32Array
  );
}

function place(rows: ShapedRows, i: number): string {
  const size = sizeOf(rows.shape);
  const example = `at example ${Math.floor(i / size)}`;
  return size === 1 ? example : `${example}, element ${i % size}`;
}
