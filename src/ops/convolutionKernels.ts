// Which kernel convolves, forward and transposed, chosen by adapter and shape. `print()` of a compiled function shows the choice.
//
//   adapter                                        image (forward, transposed)               filter's gradient
//   software with subgroups of 4 … 16 lanes        convSubgroup: lanes are images            convFilterSubgroup: lanes are taps and channels
//   the same, small filters in steps of 1          convRegion: the same, 8 pixels            convFilterWindow: lanes are columns
//   the same, few images or columns; all others    conv: a thread has pixel × images         convFilter: a thread has taps × columns, in parts
//
// Convolutions by 1 × 1 never come here: they are plain matrix products (see conv.ts). Max pooling behind a convolution rides in its store
// where the kernel has all of a window in one lane (convSubgroup, convRegion: windows of 2 × 2).
import convShader from "../../shaders/conv.wgsl?raw";
import tapsLibrary from "../../shaders/lib/taps.wgsl?raw";
import type { Kernel, KernelContext } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";
import { type ImageForm, imageFlops, imageSizes, usesSubgroups } from "./convolutionSizes.ts";
import { quadKernel, regionKernel, usesRegions } from "./convolutionSubgroups.ts";

type Context = Omit<KernelContext<unknown>, "attrs">;

/** Threads that keep a GPU busy. */
const ENOUGH_THREADS = 8192;
/** What the shader calls only where it reads in fours. */
const NO_FOURS = ["x", "w"].map((name) => `fn load4_${name}(i: u32) -> vec4f { return vec4f(); }`);

/** y[image, pixel, n] = bias[n] + Σ x · w. */
export function imageKernel(geometry: Geometry, { inputs, profile }: Context, form: ImageForm): Kernel {
  const images = (inputs[0] as Spec).shape[0] as number;
  const [, , channels, filters] = (inputs[1] as Spec).shape as readonly [number, number, number, number];
  const inSubgroups = usesSubgroups(images, form.isTransposed ? channels : filters / geometry.groups, profile);
  const isRegion = inSubgroups && usesRegions(geometry, form, profile);
  const sizes = imageSizes(geometry, inputs, form, isRegion);
  const { per_group } = sizes;
  const hasBias = inputs.length > 2;
  const stubs = [
    ...(hasBias ? [] : ["fn load_bias(i: u32) -> f32 { return 0.0; }"]),
    ...(form.isPooled ? [] : ["fn store_index(i: u32, place: u32) {}"]),
  ];
  const consts = { BIAS: hasBias, TRANSPOSED: form.isTransposed };
  if (inSubgroups) {
    const flops = imageFlops(inputs, geometry);
    return (isRegion ? regionKernel : quadKernel)(geometry, sizes, form, { profile, flops, consts, stubs });
  }

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
