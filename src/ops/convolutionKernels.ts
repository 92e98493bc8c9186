// Which kernel convolves, chosen by adapter and shape. `print()` of a compiled function shows the choice.
//
//   adapter                                        image (forward, transposed)               filter's gradient
//   software with subgroups of 4 … 16 lanes        convSubgroup: lanes are images            convFilterSubgroup: lanes are taps and channels
//   the same, few images or columns; all others    conv: a thread has pixel × images         convFilter: a thread has taps × columns, in parts
//
// Convolutions by 1 × 1 never come here: they are plain matrix products (see conv.ts).
import convShader from "../../shaders/conv.wgsl?raw";
import filterShader from "../../shaders/convFilter.wgsl?raw";
import filterSubgroupShader from "../../shaders/convFilterSubgroup.wgsl?raw";
import convSubgroupShader from "../../shaders/convSubgroup.wgsl?raw";
import filterRowsLibrary from "../../shaders/lib/filterRows.wgsl?raw";
import tapsLibrary from "../../shaders/lib/taps.wgsl?raw";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { filterLoop, imageLoop } from "./convolutionLoops.ts";

interface Context {
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly profile: Profile;
}

type Sizes = Readonly<Record<string, number>>;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The lanes of a subgroup on adapters whose subgroups pay; 0 on others. */
function lanesOf({ family, subgroup = 0 }: Profile): number {
  return family === "software" && subgroup <= 16 ? subgroup : 0;
}

/** The sizes that kernels of both directions read. Steps that run backwards wrap round; the shader reads them as i32. */
function imageSizes(geometry: Geometry, inputs: readonly Spec[], columns: number, isTransposed: boolean): Sizes {
  const { input, output, filter, stride, dilation, before, groups } = geometry;
  const [x, w] = inputs as readonly [Spec, Spec];
  const [images, , , pitch] = x.shape as readonly [number, number, number, number];
  const [, , channelsPerGroup, filters] = w.shape as readonly [number, number, number, number];
  const [result, source] = isTransposed ? [input, output] : [output, input];
  const common = stride.map((step, axis) => divisor(step, dilation[axis] as number));
  const steps = (axis: 0 | 1) =>
    isTransposed
      ? { tap: stride[axis] / (common[axis] as number), source: -dilation[axis] / (common[axis] as number) }
      : { tap: 1, source: dilation[axis] };
  // taps of a row and their channels are one run in memory where nothing is cut off: one longer loop instead of two short ones
  const isRun = !isTransposed && groups === 1 && dilation[1] === 1 && !isPadded(geometry, false);
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
    stride_h: stride[0],
    stride_w: stride[1],
    dilation_h: dilation[0],
    dilation_w: dilation[1],
    before_h: before[0],
    before_w: before[1],
    tap_step_h: steps(0).tap,
    tap_step_w: steps(1).tap,
    source_step_h: steps(0).source >>> 0,
    source_step_w: steps(1).source >>> 0,
    tap_size: (filter[1] / taps_w) * channelsPerGroup * filters,
    w_k: isTransposed ? 1 : filters,
    w_n: isTransposed ? filters : 1,
    w_group: filters / groups,
    groups,
  };
}

/** True when some tap of some pixel misses the image along the width. */
function isPadded({ input, output, filter, stride, dilation, before }: Geometry, isTransposed: boolean): boolean {
  const reach = (filter[1] - 1) * dilation[1];
  if (!isTransposed) return before[1] > 0 || (output[1] - 1) * stride[1] + reach - before[1] > input[1] - 1;
  return before[1] - reach < 0 || input[1] - 1 + before[1] > (output[1] - 1) * stride[1];
}

/** Forward and transposed: y[image, pixel, n] = bias[n] + Σ x · w. */
export function imageKernel(geometry: Geometry, context: Context, isTransposed: boolean): Kernel {
  const sizes = imageSizes(geometry, context.inputs, context.outputs[0]?.shape[3] as number, isTransposed);
  const hasBias = context.inputs.length > 2;
  const consts = { BIAS: hasBias, TRANSPOSED: isTransposed };
  const stub = hasBias ? "" : "fn load_bias(i: u32) -> f32 { return 0.0; }\n";
  const lanes = lanesOf(context.profile);
  const { images, per_group, groups, result_h, result_w } = sizes as Record<string, number> & typeof sizes;
  if (lanes > 0 && 2 * (images as number) >= lanes && (per_group as number) >= 4)
    return imageSubgroupKernel(geometry, sizes, { lanes, isTransposed, consts, stub });

  const ROWS = ([8, 4, 2] as const).find((rows) => (images as number) >= rows) ?? 1;
  const COLUMNS = (per_group as number) > 1 ? 4 : 1;
  const THREADS = context.profile.family === "software" ? 32 : 64;
  const blocks = Math.ceil((per_group as number) / COLUMNS);
  const tiles =
    blocks * (groups as number) * (result_h as number) * (result_w as number) * Math.ceil((images as number) / ROWS);
  return {
    file: "conv.wgsl",
    shader: convShader,
    form: `thread: pixel of ${ROWS} images × ${COLUMNS} columns`,
    consts: { ...consts, ROWS, COLUMNS, THREADS },
    libraries: [tapsLibrary],
    code: stub,
    sizes: { ...sizes, blocks, rows: ROWS, tiles },
    workgroups: Math.ceil(tiles / THREADS),
  };
}

interface SubgroupForm {
  readonly lanes: number;
  readonly isTransposed: boolean;
  readonly consts: Readonly<Record<string, boolean>>;
  readonly stub: string;
}

function imageSubgroupKernel(geometry: Geometry, sizes: Sizes, form: SubgroupForm): Kernel {
  const { lanes, isTransposed, consts, stub } = form;
  const { images, per_group, groups, result_h, result_w } = sizes as Record<string, number>;
  const COLUMNS = columnsFor(per_group as number, lanes);
  const classes = isTransposed ? geometry.stride[1] : 1;
  const quads = classes * Math.ceil(Math.ceil((result_w as number) / classes) / 4);
  const blocks = Math.ceil((per_group as number) / COLUMNS);
  const tiles = blocks * (groups as number) * quads * (result_h as number) * Math.ceil((images as number) / lanes);
  const pixel_step = isTransposed ? 1 : geometry.stride[1];
  return {
    file: "convSubgroup.wgsl",
    shader: convSubgroupShader,
    form: `subgroup: 4 pixels of ${lanes} images × ${COLUMNS} columns`,
    enables: ["subgroups"],
    consts: { ...consts, LANES: lanes, COLUMNS, PADDED: isPadded(geometry, isTransposed) },
    libraries: [tapsLibrary],
    code: stub + imageLoop(COLUMNS, lanes),
    sizes: { ...sizes, classes, quads, pixel_step, blocks, rows: COLUMNS, tiles },
    workgroups: tiles,
  };
}

const MOST_COLUMNS = 16;

/** As many columns as registers hold and the group has. */
function columnsFor(perGroup: number, lanes: number): number {
  return Math.min(MOST_COLUMNS, lanes * Math.ceil(perGroup / lanes));
}

/** Threads that keep an adapter busy. */
const ENOUGH_THREADS = { software: 64, gpu: 16_384 } as const;
/** Result pixels that a part should have at least. */
const LEAST_PIXELS = 256;

/** How many parts the gradient of a filter is worked out in: as a product it is small, but each of its sums is long. */
export function filterParts(geometry: Geometry, x: Spec, dy: Spec, profile: Profile): number {
  const { filter, groups, output } = geometry;
  const [images, , , filters] = dy.shape as readonly [number, number, number, number];
  if (usesFilterSubgroups(filters / groups, profile)) return 1;
  const rows = (filter[0] * filter[1] * (x.shape[3] as number)) / groups;
  const threads = Math.ceil(rows / 4) * Math.ceil(filters / groups / 4) * groups;
  const lines = images * output[0];
  const most = Math.min(lines, Math.floor((lines * output[1]) / LEAST_PIXELS));
  const wanted = Math.max(1, Math.min(most, Math.ceil(ENOUGH_THREADS[profile.family] / threads)));
  return Math.ceil(lines / Math.ceil(lines / wanted)); // no part without lines
}

function usesFilterSubgroups(perGroup: number, profile: Profile): boolean {
  return lanesOf(profile) > 0 && perGroup >= 4;
}

/** The gradient of a filter: y[t, c, n] = Σ x · dy. */
export function filterKernel(
  { geometry, parts = 1 }: { readonly geometry: Geometry; readonly parts?: number },
  { inputs, outputs, profile }: Context,
): Kernel {
  const { input, output, filter, stride, dilation, before, groups } = geometry;
  const [x, dy] = inputs as readonly [Spec, Spec];
  const images = x.shape[0] as number;
  const columns = dy.shape[3] as number;
  const inner = (x.shape[3] as number) / groups;
  const per_group = columns / groups;
  const rows = filter[0] * filter[1] * inner;
  const lanes = usesFilterSubgroups(per_group, profile) ? lanesOf(profile) : 0;
  const COLUMNS = lanes > 0 ? columnsFor(per_group, lanes) : 4;
  const row_tiles = Math.ceil(rows / (4 * Math.max(1, lanes)));
  const blocks = Math.ceil(per_group / COLUMNS);
  const tiles = blocks * groups * row_tiles * parts;
  const hasSums = outputs.length > 1;
  const reach = filter.map((taps, axis) => (taps - 1) * (dilation[axis] as number));
  const ends = output.map((size, axis) => (size - 1) * (stride[axis] as number) - (before[axis] as number));
  const consts = {
    SUMS: hasSums,
    PADDED:
      before.some((size) => size > 0) ||
      ends.some((end, axis) => end + (reach[axis] as number) >= (input[axis] as number)),
  };
  const sizes = {
    images,
    result_h: output[0],
    result_w: output[1],
    source_h: input[0],
    source_w: input[1],
    pitch: x.shape[3] as number,
    columns,
    per_group,
    inner,
    taps_w: filter[1],
    stride_h: stride[0],
    stride_w: stride[1],
    dilation_h: dilation[0],
    dilation_w: dilation[1],
    before_h: before[0],
    before_w: before[1],
    rows,
    row_tiles,
    blocks,
    groups,
    parts,
    lines: Math.ceil((images * output[0]) / parts),
    width: COLUMNS,
    tiles,
  };
  const stub = hasSums ? "" : "fn store_sums(i: u32, value: f32) {}\n";
  const split = parts > 1 ? `, ${parts} parts` : "";
  if (lanes > 0) {
    return {
      file: "convFilterSubgroup.wgsl",
      shader: filterSubgroupShader,
      form: `subgroup: ${4 * lanes} taps and channels × ${COLUMNS} columns${split}`,
      enables: ["subgroups"],
      consts: { ...consts, LANES: lanes, COLUMNS },
      libraries: [filterRowsLibrary],
      code: stub + filterLoop(COLUMNS, lanes),
      sizes,
      workgroups: tiles,
    };
  }
  const THREADS = profile.family === "software" ? 8 : 64;
  return {
    file: "convFilter.wgsl",
    shader: filterShader,
    form: `thread: 4 taps and channels × 4 columns${split}`,
    consts: { ...consts, THREADS },
    libraries: [filterRowsLibrary],
    code: stub,
    sizes,
    workgroups: Math.ceil(tiles / THREADS),
  };
}
