// The subgroup kernels of convolution, forward and transposed: see the table in convolutionKernels.ts.
import convRegionShader from "../../shaders/convRegion.wgsl?raw";
import convSubgroupShader from "../../shaders/convSubgroup.wgsl?raw";
import outerLibrary from "../../shaders/lib/outerConv.wgsl?raw";
import tapsLibrary from "../../shaders/lib/taps.wgsl?raw";
import tilesLibrary from "../../shaders/lib/tiles.wgsl?raw";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Geometry } from "./convolution.ts";
import { type FourChannels, imageLoop } from "./convolutionLoops.ts";
import { columnsFor, type ImageForm, type ImageSizes, isPadded } from "./convolutionSizes.ts";
import { floatLibrary } from "./libraries.ts";
import { isLong, lanesOf } from "./outerProduct.ts";
import { regionLoop } from "./regionLoop.ts";

/** What the two kernels have from whoever chose them. */
interface Given {
  readonly profile: Profile;
  readonly flops: number;
  readonly consts: Readonly<Record<string, boolean>>;
  /** Functions that the shader calls for nothing. */
  readonly stubs: readonly string[];
}

type SubgroupKernel = (geometry: Geometry, sizes: ImageSizes, form: ImageForm, given: Given) => Kernel;

/** A quad of pixels of each lane's image: every step, every filter. */
export const quadKernel: SubgroupKernel = (geometry, sizes, { isTransposed, isPooled = false }, given) => {
  const { images, per_group, groups, result_h, result_w } = sizes;
  const lanes = lanesOf(given.profile);
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
  const fours = foursOf(sizes, lanes);
  return {
    file: "convSubgroup.wgsl",
    shader: convSubgroupShader,
    form: `subgroup: ${isPooled ? "windows of 2 × 2" : "4 pixels"} of ${lanes} images × ${COLUMNS} columns`,
    enables: ["subgroups"],
    consts: { ...given.consts, LANES: lanes, COLUMNS, PADDED, POOL: isPooled },
    libraries: [tapsLibrary, outerLibrary, floatLibrary],
    vectors: vectorsOf(fours),
    code: [...given.stubs, imageLoop(COLUMNS, lanes, fours)].join("\n"),
    sizes: { ...sizes, classes, quads, quad_rows, pixel_step_h, pixel_step_w, blocks, rows: COLUMNS, tiles },
    workgroups: tiles,
  };
};

/** Taps of a line that may be written out, and columns that a region has at most. */
const MOST_TAPS = 5;
const MOST_COLUMNS = { short: 8, long: 16 } as const;

/** True for small filters in steps of 1 whose results fill regions of 4 × 2: wide subgroups gain less, so nothing may be wasted there. */
export function usesRegions(geometry: Geometry, { isTransposed, isPooled }: ImageForm, profile: Profile): boolean {
  const { input, output, filter, stride, dilation } = geometry;
  if (filter[1] > MOST_TAPS || [...stride, ...dilation].some((step) => step !== 1)) return false;
  const [lines, pixels] = isTransposed ? input : output;
  const pairs = isPooled ? pixels >> 1 : lines; // of windows, or lines
  return pairs / (2 * Math.ceil(pairs / 2)) >= (lanesOf(profile) <= 4 ? 0.75 : 1);
}

/** A region of 4 × 2 pixels of each lane's image. */
export const regionKernel: SubgroupKernel = (geometry, sizes, { isTransposed, isPooled = false }, given) => {
  const { images, per_group, groups, result_h, result_w } = sizes;
  const lanes = lanesOf(given.profile);
  const most = MOST_COLUMNS[lanes > 4 && isLong(given.flops) ? "long" : "short"];
  const COLUMNS = Math.min(most, 4 * Math.ceil(per_group / 4));
  const [quad_rows, quads] = isPooled
    ? [result_h >> 1, Math.ceil((result_w >> 1) / 2)]
    : [Math.ceil(result_h / 2), Math.ceil(result_w / 4)];
  const blocks = Math.ceil(per_group / COLUMNS);
  const tiles = blocks * groups * quads * quad_rows * Math.ceil(images / lanes);
  const [base_h, base_w] = ([0, 1] as const).map((axis) => {
    const before = geometry.before[axis];
    return (isTransposed ? geometry.filter[axis] - 1 - before : before) >>> 0;
  }) as [number, number];
  const loop = regionLoop({
    columns: COLUMNS,
    lanes,
    taps: geometry.filter[1],
    isTransposed,
    isPadded: isPadded(geometry, isTransposed, 0) || isPadded(geometry, isTransposed, 1),
  });
  return {
    file: "convRegion.wgsl",
    shader: convRegionShader,
    form: `subgroup: 4 × 2 pixels of ${lanes} images × ${COLUMNS} columns`,
    enables: ["subgroups"],
    consts: { ...given.consts, LANES: lanes, COLUMNS, POOL: isPooled },
    libraries: [tilesLibrary, outerLibrary, floatLibrary],
    code: [...given.stubs, loop].join("\n"),
    sizes: { ...sizes, quads, quad_rows, base_h, base_w, blocks, rows: COLUMNS, pixels: 8, tiles },
    workgroups: tiles,
  };
};

/**
 * Whether four channels at a time are vectors of the image: where all they start at is a multiple of four. Weights that are no vectors pay on
 * narrow subgroups only.
 */
function foursOf({ inner, pitch, w_n, w_k }: ImageSizes, lanes: number): FourChannels {
  if (inner % 4 !== 0 || pitch % 4 !== 0) return undefined;
  if (w_k === 1 && w_n % 4 === 0) return "vectors";
  return lanes <= 4 ? "one by one" : undefined;
}

/** The inputs that are read as vectors. */
function vectorsOf(fours: FourChannels): string[] {
  return fours === undefined ? [] : fours === "vectors" ? ["x", "w"] : ["x"];
}
