// What kernels of convolutions know of their shapes, and of the adapter.
import { sizeOf } from "../core/shape.ts";
import type { Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { lanesOf } from "./outerProduct.ts";

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

const MOST_COLUMNS = 16;
/** As many columns as registers hold and the group has. */
export function columnsFor(perGroup: number, lanes: number): number {
  return Math.min(MOST_COLUMNS, lanes * Math.ceil(perGroup / lanes));
}

/** The direction of a convolution, and whether the largest of each 2 × 2 results is all that is wanted. */
export interface ImageForm {
  readonly isTransposed: boolean;
  readonly isPooled?: boolean;
}

/** Every result pixel meets the whole filter, [KH, KW, C / groups, F]; taps on the padding are counted. */
export function imageFlops([x, w]: readonly Spec[], { output }: Geometry): number {
  return 2 * (x?.shape[0] as number) * output[0] * output[1] * sizeOf((w as Spec).shape);
}

/** FLOPs of the gradient of a filter. */
export function filterFlops([x, dy]: readonly Spec[], { filter, groups }: Geometry): number {
  return (2 * sizeOf((dy as Spec).shape) * filter[0] * filter[1] * (x?.shape[3] as number)) / groups;
}

/** How filters lie over images, as shaders read it. */
export function stepsOf({ stride, dilation, before }: Geometry) {
  return {
    stride_h: stride[0],
    stride_w: stride[1],
    dilation_h: dilation[0],
    dilation_w: dilation[1],
    before_h: before[0],
    before_w: before[1],
  };
}

/**
 * What kernels of both directions read. Steps that run backwards wrap round; the shader reads them as i32. `hasTaps` keeps the taps of a
 * line apart.
 */
export function imageSizes(geometry: Geometry, inputs: readonly Spec[], { isTransposed }: ImageForm, hasTaps: boolean) {
  const { input, output, filter, stride, dilation, groups } = geometry;
  const [x, w] = inputs as readonly [Spec, Spec];
  const [images, , , pitch] = x.shape as readonly [number, number, number, number];
  const [, , channelsPerGroup, filters] = w.shape as readonly [number, number, number, number];
  const columns = isTransposed ? channelsPerGroup * groups : filters;
  const [result, source] = isTransposed ? [input, output] : [output, input];
  const steps = ([0, 1] as const).map((axis) => {
    const common = divisor(stride[axis], dilation[axis]);
    return isTransposed
      ? { tap: stride[axis] / common, source: -dilation[axis] / common }
      : { tap: 1, source: dilation[axis] };
  }) as [{ tap: number; source: number }, { tap: number; source: number }];
  // taps of a row and their channels are one run in memory where nothing is cut off: one longer loop instead of two short ones
  const isRun = !hasTaps && !isTransposed && groups === 1 && dilation[1] === 1 && !isPadded(geometry, isTransposed, 1);
  const [taps_w, inner] = isRun
    ? [1, filter[1] * channelsPerGroup]
    : [filter[1], isTransposed ? filters / groups : channelsPerGroup];
  return {
    images,
    result_h: result[0],
    result_w: result[1],
    source_h: source[0],
    source_w: source[1],
    pitch,
    columns,
    per_group: columns / groups,
    inner,
    taps_h: filter[0],
    taps_w,
    ...stepsOf(geometry),
    tap_step_h: steps[0].tap,
    tap_step_w: steps[1].tap,
    source_step_h: steps[0].source >>> 0,
    source_step_w: steps[1].source >>> 0,
    tap_size: (filter[1] / taps_w) * channelsPerGroup * filters,
    w_k: isTransposed ? 1 : filters,
    w_n: isTransposed ? filters : 1,
    w_group: filters / groups,
    groups,
  };
}

export type ImageSizes = ReturnType<typeof imageSizes>;

/** True when some tap of some pixel misses the image along an axis. */
export function isPadded(geometry: Geometry, isTransposed: boolean, axis: 0 | 1): boolean {
  const [before, input] = [geometry.before[axis], geometry.input[axis]];
  const end = (geometry.output[axis] - 1) * geometry.stride[axis];
  const reach = (geometry.filter[axis] - 1) * geometry.dilation[axis];
  if (!isTransposed) return before > 0 || end + reach - before > input - 1;
  return before - reach < 0 || input - 1 + before > end;
}

/** True when the subgroup kernel takes this convolution: most lanes have an image, and columns are worth broadcasting. */
export function usesSubgroups(images: number, perGroup: number, profile: Profile): boolean {
  const lanes = lanesOf(profile);
  return lanes > 0 && 2 * images >= lanes && perGroup >= 4;
}
