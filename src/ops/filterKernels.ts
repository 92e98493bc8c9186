// Which kernel works out the gradient of a filter: see the table in convolutionKernels.ts.
import filterShader from "../../shaders/convFilter.wgsl?raw";
import filterSubgroupShader from "../../shaders/convFilterSubgroup.wgsl?raw";
import filterRowsLibrary from "../../shaders/lib/filterRows.wgsl?raw";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { columnsFor, isPadded, lanesOf } from "./convolutionKernels.ts";
import { filterLoop } from "./convolutionLoops.ts";

type Context = Omit<KernelContext<unknown>, "attrs">;

/** Workers that keep an adapter busy, and result pixels that each should have at least: subgroups, or threads. */
const ENOUGH = {
  subgroups: { workers: 4, pixels: 4096 },
  software: { workers: 64, pixels: 256 },
  gpu: { workers: 16_384, pixels: 64 },
} as const;

/** Pixels that are added up apart: in one long sum of thousands that cancel, each addition would round at the height of what came before. */
const BLOCK = 96;

/** Rows (taps and channels) and columns that one worker takes. */
function tileOf(perGroup: number, profile: Profile): { rows: number; columns: number } {
  const lanes = lanesOf(profile);
  return usesFilterSubgroups(perGroup, profile)
    ? { rows: 4 * lanes, columns: columnsFor(perGroup, lanes) }
    : { rows: 4, columns: 4 };
}

/** How many parts the gradient of a filter is worked out in: as a product it is small, but each of its sums is long. */
export function filterParts(geometry: Geometry, x: Spec, dy: Spec, profile: Profile): number {
  const { filter, groups, output } = geometry;
  const [images, , , filters] = dy.shape as readonly [number, number, number, number];
  const perGroup = filters / groups;
  const tile = tileOf(perGroup, profile);
  const rows = (filter[0] * filter[1] * (x.shape[3] as number)) / groups;
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
  const { input, output, filter, stride, dilation, before, groups } = geometry;
  const [x, dy] = inputs as readonly [Spec, Spec];
  const images = x.shape[0] as number;
  const columns = dy.shape[3] as number;
  const inner = (x.shape[3] as number) / groups;
  const per_group = columns / groups;
  const rows = filter[0] * filter[1] * inner;
  const lanes = usesFilterSubgroups(per_group, profile) ? lanesOf(profile) : 0;
  const tile = tileOf(per_group, profile);
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
    block: Math.ceil(BLOCK / output[1]),
    width: COLUMNS,
    tiles,
  };
  const stub = [
    hasSums ? "" : "fn store_sums(i: u32, value: f32) {}\n",
    IN_TAP ? "" : "fn load4_x(i: u32) -> vec4f { return vec4f(0.0); }\n",
  ].join("");
  const vectors = IN_TAP ? ["x"] : [];
  const split = parts > 1 ? `, ${parts} parts` : "";
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
