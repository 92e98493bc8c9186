// Kernels that come in several forms, each forced on the adapter under test, whichever it would choose itself.
import { expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { gradientOf } from "../../src/check/gradient.ts";
import { type Row, type Sample, sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { compile } from "../../src/compile.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { grad } from "../../src/grad.ts";
import type { Device } from "../../src/graph/device.ts";
import type { Profile } from "../../src/graph/form.ts";
import type { Node } from "../../src/graph/node.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { conv2d } from "../../src/ops/conv.ts";
import { matmul } from "../../src/ops/matmul.ts";
import type { Tensor } from "../../src/tensor.ts";
import { testDevice } from "../device.ts";
import { mistakesIn } from "../mistakes.ts";

const SEED = 2;
const RANDOM_SHAPES = 6;

const plain = ({ subgroup: _, ...profile }: Profile): Profile => profile;
const FORMS: readonly [string, (profile: Profile) => Profile][] = [
  ["hardware", (profile) => ({ ...plain(profile), family: "gpu" })],
  ["software without subgroups", (profile) => ({ ...plain(profile), family: "software" })],
  ["software", (profile) => ({ ...profile, family: "software" })],
];
/** Tiles take a software adapter seconds to compile: fewer samples here, the rest in tiles.gpu.test.ts. */
const isSlow = (name: string, form: string) => name === "matmul" && form === "hardware";
const ROWS = ["matmul", "conv1d", "conv2d", "convTranspose2d"] as const;

test.each(FORMS.flatMap(([form, force]) => ROWS.map((name) => [name, form, force] as const)))(
  "%s in its forms for %s",
  async (name, form, force) => {
    const { samples: list, random } = samples[name] as Row;
    const more = Array.from(
      { length: isSlow(name, form) ? 0 : RANDOM_SHAPES },
      (_, turn) => random?.(drawOf(SEED, turn)) as Sample,
    );
    const all = [...list, ...more];
    const differentiated = all.filter((_, i) => !isSlow(name, form) || i % 4 === 0);
    const gradients = differentiated.map(gradientOf).filter((gradient) => gradient !== undefined);
    const device = new GpuBackend(await testDevice(), force);
    expect(await mistakesIn(device, [...all, ...gradients], SEED)).toEqual([]);
  },
);

/** More than 2²⁴ multiplications, from which wide subgroups have other text; with rests on every side. */
const LONG: readonly Sample[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => {
      const [M, K, N] = [130, 1022, 133];
      const shapes = [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]];
      return sample(shapes, (a, b) => matmul(a as Node, b as Node, { transposeA, transposeB }));
    }),
  ),
  sample(
    [
      [130, 1024],
      [1024, 132],
    ],
    (a, b) => matmul(a as Node, b as Node),
  ),
  sample([[9, 15, 15, 32], [3, 3, 32, 36], [36]], (x, w, b) =>
    conv2d(x as Node, w as Node, { padding: 1, bias: b as Node }),
  ),
  sample(
    [
      [9, 16, 16, 32],
      [3, 3, 32, 36],
    ],
    (x, w) => conv2d(x as Node, w as Node),
  ),
];

test("long products and convolutions, with their gradients", async () => {
  const gradients = LONG.map(gradientOf).filter((gradient) => gradient !== undefined);
  const device = new GpuBackend(await testDevice());
  expect(await mistakesIn(device, [...LONG, ...gradients], SEED)).toEqual([]);
});

// As behind batch norm on MNIST: images of one grey but for a few pixels, gradients of each channel that add up to 0.
// Each sum is of 36,864 products and far smaller than they are.
test.each(FORMS)("the gradient of a filter keeps its digits where much cancels: %s", async (_, force) => {
  const [images, channels] = [64, 8];
  const draw = drawOf(SEED, 0);
  const x = Float32Array.from({ length: images * 28 * 28 }, () =>
    draw.chance(0.2) ? draw.int(0, 280) / 100 : -0.4242,
  );
  const dy = new Float32Array(images * 24 * 24 * channels);
  for (let i = 0; i < dy.length; i += 16 * channels) {
    for (let c = 0; c < channels; c++) {
      const large = draw.int(50, 100) / 10; // one large gradient among many small ones that make up for it
      for (let pixel = 0; pixel < 16; pixel++) dy[i + pixel * channels + c] = pixel === 0 ? large : -large / 15;
    }
  }
  const gradient = async (device: Device): Promise<Float32Array> => {
    const along = (filter: Node, images: Node, weights: Node) => sum(mul(conv2d(images, filter), weights));
    const shapes = [
      [5, 5, 1, channels],
      [images, 28, 28, 1],
      [images, 24, 24, channels],
    ];
    const step = await compile(device, (w: Node, x: Node, dy: Node) => grad(along)(w, x, dy), shapes);
    return (await (step.run(new Float32Array(25 * channels), x, dy) as Tensor).read()) as Float32Array;
  };
  const expected = await gradient(new CpuDevice());
  const found = await gradient(new GpuBackend(await testDevice(), force));
  const norm = (values: Float32Array) => Math.hypot(...values);
  expect(norm(found.map((value, i) => value - (expected[i] as number))) / norm(expected)).toBeLessThan(2e-6);
});
