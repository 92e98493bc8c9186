// Which kernel convolves, forward and transposed, chosen by adapter and shape. `print()` of a compiled function shows the choice.
//
//   adapter                                        image (forward, transposed)               filter's gradient
//   software with subgroups of 4 … 16 lanes        convSubgroup: lanes are images            convFilterSubgroup: lanes are taps and channels
//   the same, few images or columns; all others    conv: a thread has pixel × images         convFilter: a thread has taps × columns, in parts
//
// Convolutions by 1 × 1 never come here: they are plain matrix products (see conv.ts). Max pooling behind a convolution rides in its store
// where the kernel has all of a window in one lane (convSubgroup, windows of 2 × 2).
import convShader from "../../shaders/conv.wgsl?raw";
import convSubgroupShader from "../../shaders/convSubgroup.wgsl?raw";
import tapsLibrary from "../../shaders/lib/taps.wgsl?raw";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { imageLoop, LONGEST_ROW, type WeightVectors, windowLoop } from "./convolutionLoops.ts";
import { floatLibrary } from "./libraries.ts";

type Context = Omit<KernelContext<unknown>, "attrs">;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The lanes of a subgroup on adapters whose subgroups pay; 0 on others. */
export function lanesOf({ family, subgroup = 0 }: Profile): number {
  return family === "software" && subgroup <= 16 ? subgroup : 0;
}

const MOST_COLUMNS = 16;
/** Threads that keep a GPU busy. */
const ENOUGH_THREADS = 8192;
/** What the shader calls only where it reads in fours. */
const NO_FOURS = ["x", "w"].map((name) => `fn load4_${name}(i: u32) -> vec4f { return vec4f(); }`);

/** As many columns as registers hold and the group has. */
export function columnsFor(perGroup: number, lanes: number): number {
  return Math.min(MOST_COLUMNS, lanes * Math.ceil(perGroup / lanes));
}

/** The direction of a convolution, and whether the largest of each 2 × 2 results is all that is wanted. */
export interface ImageForm {
  readonly isTransposed: boolean;
  readonly isPooled?: boolean;
}

/** What kernels of both directions read. Steps that run backwards wrap round; the shader reads them as i32. */
function imageSizes(geometry: Geometry, inputs: readonly Spec[], { isTransposed }: ImageForm) {
  const { input, output, filter, stride, dilation, before, groups } = geometry;
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
  const isRun = !isTransposed && groups === 1 && dilation[1] === 1 && !isPadded(geometry, isTransposed, 1);
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

/** y[image, pixel, n] = bias[n] + Σ x · w. */
export function imageKernel(geometry: Geometry, { inputs, profile }: Context, form: ImageForm): Kernel {
  const sizes = imageSizes(geometry, inputs, form);
  const { images, per_group } = sizes;
  const hasBias = inputs.length > 2;
  const stubs = [
    ...(hasBias ? [] : ["fn load_bias(i: u32) -> f32 { return 0.0; }"]),
    ...(form.isPooled ? [] : ["fn store_index(i: u32, place: u32) {}"]),
  ];
  const consts = { BIAS: hasBias, TRANSPOSED: form.isTransposed };
  if (usesSubgroups(images, per_group, profile))
    return subgroupKernel(geometry, sizes, form, { profile, consts, stubs });

  const isGpu = profile.family === "gpu";
  const COLUMNS = per_group > 1 ? 4 : 1;
  const THREADS = isGpu ? 64 : 32;
  const blocks = Math.ceil(per_group / COLUMNS);
  const tilesOf = (rows: number) => blocks * sizes.groups * sizes.result_h * sizes.result_w * Math.ceil(images / rows);
  const isBusy = (rows: number) => !isGpu || tilesOf(rows) >= ENOUGH_THREADS;
  const ROWS = ([8, 4, 2] as const).find((rows) => images >= rows && isBusy(rows)) ?? 1;
  const tiles = tilesOf(ROWS);
  const FOURS = isGpu && [sizes.inner, sizes.pitch, per_group, sizes.w_group].every((count) => count % 4 === 0);
  return {
    file: "conv.wgsl",
    shader: convShader,
    form: `thread: pixel of ${ROWS} images × ${COLUMNS} columns`,
    ...(FOURS ? { vectors: ["x", "w"] } : {}),
    consts: { ...consts, ROWS, COLUMNS, FOURS, THREADS },
    libraries: [tapsLibrary],
    code: [...stubs, ...(FOURS ? [] : NO_FOURS)].join("\n"),
    sizes: { ...sizes, blocks, rows: ROWS, tiles },
    workgroups: Math.ceil(tiles / THREADS),
  };
}

function subgroupKernel(
  geometry: Geometry,
  sizes: ReturnType<typeof imageSizes>,
  { isTransposed, isPooled = false }: ImageForm,
  { profile, consts, stubs }: Pick<Context, "profile"> & { consts: Record<string, boolean>; stubs: readonly string[] },
): Kernel {
  const { images, per_group, groups, result_h, result_w } = sizes;
  const lanes = lanesOf(profile);
  const COLUMNS = columnsFor(per_group, lanes);
  const classes = isTransposed ? geometry.stride[1] : 1;
  const [quad_rows, quads] = isPooled
    ? [result_h >> 1, result_w >> 1]
    : [result_h, classes * Math.ceil(Math.ceil(result_w / classes) / 4)];
  const blocks = Math.ceil(per_group / COLUMNS);
  const tiles = blocks * groups * quads * quad_rows * Math.ceil(images / lanes);
  const [pixel_step_h, pixel_step_w] = isTransposed ? [1, 1] : geometry.stride;
  // along the height a row's taps are exact, two rows' are not
  const PADDED = isPadded(geometry, isTransposed, 1) || (isPooled && isPadded(geometry, isTransposed, 0));
  const isWindow = !PADDED && !isTransposed && isWindowed(geometry, sizes);
  const vectors = isWindow ? undefined : vectorsOf(sizes, COLUMNS, lanes);
  const loop = isWindow ? windowLoop(COLUMNS, lanes, sizes.inner, isPooled) : imageLoop(COLUMNS, lanes, vectors);
  return {
    file: "convSubgroup.wgsl",
    shader: convSubgroupShader,
    form: `subgroup: ${isPooled ? "windows of 2 × 2" : "4 pixels"} of ${lanes} images × ${COLUMNS} columns`,
    enables: ["subgroups"],
    consts: { ...consts, LANES: lanes, COLUMNS, PADDED, POOL: isPooled },
    libraries: [tapsLibrary, floatLibrary],
    vectors: vectors ? ["x", "w"] : isWindow ? ["x"] : [],
    code: [...stubs, loop].join("\n"),
    sizes: { ...sizes, classes, quads, quad_rows, pixel_step_h, pixel_step_w, blocks, rows: COLUMNS, tiles },
    workgroups: tiles,
  };
}

/** Whether the taps of a line meet eight neighbours: images of one channel in lines of whole vectors, few taps, no steps. */
function isWindowed({ stride, dilation, groups }: Geometry, sizes: ReturnType<typeof imageSizes>): boolean {
  const { pitch, inner, source_w, taps_w } = sizes;
  const isStepping = [...stride, ...dilation].some((step) => step !== 1);
  return pitch === 1 && groups === 1 && taps_w === 1 && inner <= LONGEST_ROW && source_w % 4 === 0 && !isStepping;
}

/**
 * Whether four channels at a time are vectors of the image and of the weights: where all they start at is a multiple of four. Vectors along
 * the columns pay on narrow subgroups only.
 */
function vectorsOf(sizes: ReturnType<typeof imageSizes>, columns: number, lanes: number): WeightVectors {
  const { inner, pitch, w_n, w_k, per_group } = sizes;
  if (inner % 4 !== 0 || pitch % 4 !== 0) return undefined;
  if (w_k === 1 && w_n % 4 === 0) return "along channels";
  const isAcross = w_n === 1 && w_k % 4 === 0 && per_group % 4 === 0 && columns % 4 === 0;
  return isAcross && lanes <= 4 ? "along columns" : undefined;
}
