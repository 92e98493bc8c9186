// Every tile that a GPU's matrix product may take, forced on the adapter under test: layouts, odd sizes, batches, bias, column sums, sums in parts.
import { expect, test } from "vitest";
import { gradientOf } from "../../src/check/gradient.ts";
import { runSamples } from "../../src/check/run.ts";
import { type Sample, sample } from "../../src/check/sample.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Profile } from "../../src/graph/form.ts";
import type { Node } from "../../src/graph/node.ts";
import { relu } from "../../src/ops/activation.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { linear, type MatmulOptions, matmul } from "../../src/ops/matmul.ts";
import { nameOf, TILES, type Tile } from "../../src/ops/matmulTiled.ts";
import { testDevice } from "../device.ts";

const SEED = 3;
const ALL_TILES = new Set(TILES.map(nameOf));

/** A profile under which sums are worked out in as many parts as may be, or in one. */
const forced =
  (tile: Tile, hasParts: boolean) =>
  (profile: Profile): Profile => ({
    ...profile,
    family: "gpu",
    choose: (_, forms) => (ALL_TILES.has(forms[0] as string) ? nameOf(tile) : hasParts ? forms.at(-1) : forms[0]),
  });

const product =
  (options: MatmulOptions = {}) =>
  (a: Node, b: Node) =>
    matmul(a, b, options);

/** Results a little larger than one tile: by quads along k and across, one by one, in batches, with fused loads and stores. */
function samplesOf({ rows, columns }: Tile, inner: number): Sample[] {
  const [M, N] = [rows + 4, columns + 4];
  const dense = sample([[M, inner], [inner, N], [N]], (x, w, b) => relu(linear(x as Node, w as Node, b as Node)));
  const list = [
    dense,
    gradientOf(dense),
    sample(
      [
        [M, inner],
        [N, inner],
      ],
      product({ transposeB: true }) as Sample["call"],
    ),
    sample(
      [
        [inner + 3, M - 1],
        [N + 3, inner + 3],
      ],
      product({ transposeA: true, transposeB: true }) as Sample["call"],
    ),
    sample(
      [
        [3, rows - 3, 35],
        [3, 35, N + 1],
      ],
      (a, b) => mul(matmul(add(a as Node, 1), b as Node), 2),
    ),
  ];
  return list.filter((each) => each !== undefined);
}

test.each(TILES.flatMap((tile) => [false, true].map((hasParts) => [nameOf(tile), hasParts, tile] as const)))(
  "a tile of %s, sums in parts: %s",
  async (_, hasParts, tile) => {
    const device = new GpuBackend(await testDevice(), forced(tile, hasParts));
    const runs = await runSamples(device, samplesOf(tile, hasParts ? 132 : 36), SEED);
    const wrong = runs.flatMap(({ sample, comparisons }) =>
      comparisons.filter(({ isEqual }) => !isEqual).map(({ message }) => `${sample.name}: ${message}`),
    );
    expect(wrong).toEqual([]);
  },
);
