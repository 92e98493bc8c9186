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
import { linear, matmul } from "../../src/ops/matmul.ts";
import { nameOf, TILES } from "../../src/ops/matmulTiled.ts";
import { testDevice } from "../device.ts";

const SEED = 3;
const NAMES = TILES.map(nameOf);

/** A profile under which sums are worked out in as many parts as may be, or in one. */
const forced =
  (name: string, hasParts: boolean) =>
  (profile: Profile): Profile => ({
    ...profile,
    family: "gpu",
    choose: (choice, forms) => (choice === "matmul tile" ? name : hasParts ? forms.at(-1) : forms[0]),
  });

/** A layer's gradients: the product, that with the right side transposed, that with the left side transposed and column sums. */
const layer = (rows: number, inner: number, columns: number): Sample =>
  gradientOf(
    sample([[rows, inner], [inner, columns], [columns]], (x, w, b) => relu(linear(x as Node, w as Node, b as Node))),
  ) as Sample;

/** Batches, with work fused into loads and stores. */
const batches = (rows: number, columns: number): Sample =>
  sample(
    [
      [3, rows, 19],
      [3, 19, columns],
    ],
    (a, b) => mul(matmul(add(a as Node, 1), b as Node), 2),
  );

/** Both sides transposed. */
const transposed = (rows: number, inner: number, columns: number): Sample =>
  sample(
    [
      [inner, rows],
      [columns, inner],
    ],
    (a, b) => matmul(a as Node, b as Node, { transposeA: true, transposeB: true }),
  );

/** Results a little larger than one tile or smaller; lines that are whole quads, and others; layouts spread over the tiles. */
const CASES: readonly (readonly [tile: string, samples: readonly Sample[], hasParts: boolean])[] = [
  ["128×128 by 8×8", [transposed(132, 20, 68)], false],
  ["128×128 by 8×8", [layer(129, 132, 6)], true],
  ["64×64 by 8×4", [layer(68, 36, 20)], false],
  ["64×64 by 8×4", [transposed(33, 131, 65)], true],
  ["32×32 by 4×4", [layer(35, 19, 33), batches(29, 36)], false],
  ["32×32 by 4×4", [layer(132, 4, 36)], true],
  ["16×128 by 4×4", [layer(20, 20, 132), batches(3, 9)], false],
  ["16×128 by 4×4", [layer(1, 133, 65)], true],
];

test("every tile has its cases", () => {
  expect(new Set(CASES.map(([tile]) => tile))).toEqual(new Set(NAMES));
});

test.each(CASES)("a tile of %s", async (tile, samples, hasParts) => {
  const device = new GpuBackend(await testDevice(), forced(tile, hasParts));
  const runs = await runSamples(device, samples, SEED);
  const wrong = runs.flatMap(({ sample, comparisons }) =>
    comparisons.filter(({ isEqual }) => !isEqual).map(({ message }) => `${sample.name}: ${message}`),
  );
  expect(wrong).toEqual([]);
});
