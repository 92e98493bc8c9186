// Which kernel works out the gradient of a filter: see the table in convolutionKernels.ts.
import filterShader from "../../shaders/convFilter.wgsl?raw";
import filterSubgroupShader from "../../shaders/convFilterSubgroup.wgsl?raw";
import filterWindowShader from "../../shaders/convFilterWindow.wgsl?raw";
import filterRowsLibrary from "../../shaders/lib/filterRows.wgsl?raw";
import tilesLibrary from "../../shaders/lib/tiles.wgsl?raw";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { columnsFor, filterFlops, isPadded, stepsOf } from "./convolutionSizes.ts";
import { type FilterWindow, filterLoop, filterWindowLoop } from "./filterLoops.ts";
import { isLong, lanesOf } from "./outerProduct.ts";

type Context = Omit<KernelContext<unknown>, "attrs">;

/** Workers that keep an adapter busy, and result pixels that each should have at least: subgroups, or threads. */
const ENOUGH = {
  subgroups: { workers: 4, pixels: 4096 },
  software: { workers: 64, pixels: 256 },
  gpu: { workers: 16_384, pixels: 64 },
} as const;

/** Pixels that are added up apart: in one long sum of thousands that cancel, each addition would round at the height of what came before. */
const BLOCK = 96;

/** Most rows of the window form; and most channels, as their windows take registers too. */
const MOST_ROWS = 25;
const MOST_CHANNELS = 2;
/** Columns of a lane, where there is little work, and much. */
const MOST_WIDTH = { short: 2, long: 4 } as const;
/** Fewer lines than that are not worth a window that goes down them. */
const FEW_LINES = 4;

/** What decides how a gradient is laid over workers: channels of images and of results in a group, and how much there is to do. */
function workOf(geometry: Geometry, x: Spec, dy: Spec, profile: Profile) {
  const { groups } = geometry;
  const inner = (x.shape[3] as number) / groups;
  const perGroup = (dy.shape[3] as number) / groups;
  return { geometry, inner, perGroup, flops: filterFlops([x, dy], geometry), profile };
}

type Work = ReturnType<typeof workOf>;

/** The window form, where filters are small, no steps are taken, and lines of results fill most of their fours. */
function windowOf({ geometry, inner, perGroup, flops, profile }: Work): FilterWindow | undefined {
  const { filter, output, stride, dilation } = geometry;
  const widest = MOST_WIDTH[isLong(flops) ? "long" : "short"];
  const most = Math.min(MOST_CHANNELS, Math.floor(MOST_ROWS / (filter[0] * filter[1])));
  const isFull = output[0] >= FEW_LINES && 8 * Math.ceil(output[1] / 4) <= 3 * output[1];
  if (most === 0 || !isFull || [...stride, ...dilation].some((step) => step !== 1)) return undefined;
  const across = Math.ceil(perGroup / lanesOf(profile));
  return {
    taps: filter,
    channels: inner % most === 0 ? most : 1,
    width: Math.ceil(across / Math.ceil(across / widest)),
  };
}

/** Rows (taps and channels) and columns that one worker takes. */
function tileOf(work: Work): { rows: number; columns: number; window?: FilterWindow } {
  const { perGroup, profile } = work;
  const lanes = lanesOf(profile);
  if (!usesFilterSubgroups(perGroup, profile)) return { rows: 4, columns: 4 };
  const window = windowOf(work);
  if (!window) return { rows: 4 * lanes, columns: columnsFor(perGroup, lanes) };
  return { rows: window.channels * window.taps[0] * window.taps[1], columns: window.width * lanes, window };
}

/** How many parts the gradient of a filter is worked out in: as a product it is small, but each of its sums is long. */
export function filterParts(geometry: Geometry, x: Spec, dy: Spec, profile: Profile): number {
  const { filter, groups, output } = geometry;
  const images = dy.shape[0] as number;
  const work = workOf(geometry, x, dy, profile);
  const { inner, perGroup } = work;
  const tile = tileOf(work);
  const rows = filter[0] * filter[1] * inner;
  const tiles = Math.ceil(rows / tile.rows) * Math.ceil(perGroup / tile.columns) * groups;
  const { workers, pixels } = ENOUGH[usesFilterSubgroups(perGroup, profile) ? "subgroups" : profile.family];
  const lines = images * output[0];
  const most = Math.min(lines, Math.floor((lines * output[1]) / pixels));
  const wanted = Math.max(1, Math.min(most, Math.ceil(workers / tiles)));
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
  const { input, output, filter, groups } = geometry;
  const [x, dy] = inputs as readonly [Spec, Spec];
  const images = x.shape[0] as number;
  const columns = dy.shape[3] as number;
  const work = workOf(geometry, x, dy, profile);
  const { inner, perGroup: per_group } = work;
  const rows = filter[0] * filter[1] * inner;
  const lanes = usesFilterSubgroups(per_group, profile) ? lanesOf(profile) : 0;
  const tile = tileOf(work);
  const COLUMNS = tile.columns;
  const row_tiles = Math.ceil(rows / tile.rows);
  const blocks = Math.ceil(per_group / COLUMNS);
  const tiles = blocks * groups * row_tiles * parts;
  const hasSums = outputs.length > 1;
  const IN_TAP = inner % 4 === 0 && (x.shape[3] as number) % 4 === 0; // four neighbouring rows are channels of one tap
  const consts = { SUMS: hasSums, PADDED: isPadded(geometry, false, 0) || isPadded(geometry, false, 1), IN_TAP };
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
    ...stepsOf(geometry),
    rows,
    row_tiles,
    blocks,
    groups,
    parts,
    lines: Math.ceil((images * output[0]) / parts),
    block: Math.ceil(BLOCK / output[1]),
    width: COLUMNS,
    tiles,
  };
  const noSums = hasSums ? "" : "fn store_sums(i: u32, value: f32) {}\n";
  const stub = noSums + (IN_TAP ? "" : "fn load4_x(i: u32) -> vec4f { return vec4f(0.0); }\n");
  const vectors = IN_TAP ? ["x"] : [];
  const split = parts > 1 ? `, ${parts} parts` : "";
  if (tile.window) {
    const { channels, width } = tile.window;
    const CUT = output[1] % 4 > 0;
    const hasVectors = width === 4 && per_group % 4 === 0 && !CUT;
    return {
      file: "convFilterWindow.wgsl",
      shader: filterWindowShader,
      form: `subgroup: ${tile.rows} taps and channels of a window × ${COLUMNS} columns${split}`,
      enables: ["subgroups"],
      vectors: hasVectors ? ["dy"] : [],
      consts: { SUMS: hasSums, LANES: lanes, CHANNELS: channels, WIDTH: width, CUT },
      libraries: [tilesLibrary],
      code: noSums + filterWindowLoop(tile.window, lanes, hasVectors),
      sizes: { ...sizes, block: BLOCK / 4, tile_rows: tile.rows, width },
      workgroups: tiles,
    };
  }
  if (lanes > 0) {
    return {
      file: "convFilterSubgroup.wgsl",
      shader: filterSubgroupShader,
      form: `subgroup: ${4 * lanes} taps and channels × ${COLUMNS} columns${split}`,
      enables: ["subgroups"],
      vectors,
      consts: { ...consts, LANES: lanes, COLUMNS },
      libraries: [filterRowsLibrary],
      code: stub + filterLoop(COLUMNS, lanes),
      sizes,
      workgroups: tiles,
    };
  }
  const THREADS = profile.family === "software" ? 8 : 64;
  const FOURS = profile.family === "gpu" && per_group % 4 === 0;
  return {
    file: "convFilter.wgsl",
    shader: filterShader,
    form: `thread: 4 taps and channels × 4 columns${split}`,
    vectors: [...vectors, ...(FOURS ? ["dy"] : [])],
    consts: { ...consts, FOURS, THREADS },
    libraries: [filterRowsLibrary],
    code: stub + (FOURS ? "" : "fn load4_dy(i: u32) -> vec4f { return vec4f(); }\n"),
    sizes,
    workgroups: Math.ceil(tiles / THREADS),
  };
}
