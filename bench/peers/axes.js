// gpugrad's layouts (images N H W C, filters H W C F) as the channels-first ones of some peers, and back: done on the host, before and after what is timed.

/** @typedef {{ shape: readonly number[], data: ArrayLike<number> }} Values */

/** Where the axes of channels first are found in ours, and the way back. */
export const IMAGE_FIRST = [0, 3, 1, 2];
export const IMAGE_LAST = [0, 2, 3, 1];
export const FILTER_FIRST = [3, 2, 0, 1];
export const FILTER_LAST = [2, 3, 1, 0];

/**
 * @param {Values} values
 * @param {readonly number[]} axes which of the old axes each new one is
 * @returns {Values}
 */
export function transposed({ shape, data }, axes) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const turned = axes.map((axis) => shape[axis]);
  const result = new data.constructor(data.length);
  const at = axes.map(() => 0);
  for (let i = 0, from = 0; i < result.length; i++) {
    result[i] = data[from];
    for (let k = at.length - 1; k >= 0; k--) {
      from += strides[axes[k]];
      if (++at[k] < turned[k]) break;
      from -= turned[k] * strides[axes[k]];
      at[k] = 0;
    }
  }
  return { shape: turned, data: result };
}

/** Shape of one image, channels first. What has one channel looks the same in memory. */
export const firstOf = ([H, W, C]) => [C, H, W];

/**
 * gpugrad's weights by layer: filters as F C H W, and the rows of a layer behind `flatten` in the order of channels first.
 * @returns {({ weight?: Values, bias?: Values })[]}
 */
export function channelsFirst(weights, layers, input) {
  let image = input;
  return layers.map(({ kind, size, filters }, i) => {
    if (kind === "conv") image = [image[0] - size + 1, image[1] - size + 1, filters];
    if (kind === "maxPool") image = [Math.floor(image[0] / size), Math.floor(image[1] / size), image[2]];
    if (kind !== "conv" && kind !== "linear") return {};
    let weight = weights[`${i}.weight`];
    if (kind === "conv") weight = transposed(weight, FILTER_FIRST);
    if (layers[i - 1]?.kind === "flatten" && image.length === 3) {
      const { shape, data } = weight;
      const rows = transposed({ shape: [...image, shape[1]], data }, [2, 0, 1, 3]);
      weight = { shape, data: rows.data };
    }
    return { weight, bias: weights[`${i}.bias`] };
  });
}

/** @param {readonly ArrayLike<number>[]} parts */
export function joined(parts) {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}
