// Every tile that a GPU's matrix product may take, forced on the adapter under test: layouts, odd sizes, batches, bias, column sums, sums in parts.
import { expect, test } from "vitest";
import { type Sample, sample } from "../../src/check/sample.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { output } from "../../src/graph/define.ts";
import type { Profile } from "../../src/graph/form.ts";
import type { Node } from "../../src/graph/node.ts";
import { relu } from "../../src/ops/activation.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { linear, matmul, matmulOps } from "../../src/ops/matmul.ts";
import { nameOf, TILES } from "../../src/ops/matmulTiled.ts";
import { testDevice } from "../device.ts";
import { mistakesIn } from "../mistakes.ts";

const SEED = 3;
const NAMES = TILES.map(nameOf);

/** A profile under which sums are worked out in as many parts as may be, or in one. `asked` gets what was to be chosen. */
const forced =
  (name: string, hasParts: boolean, asked: Set<string>) =>
  (profile: Profile): Profile => ({
    ...profile,
    family: "gpu",
    choose: (choice, forms) => {
      asked.add(choice);
      return choice === "matmul tile" ? name : hasParts ? forms.at(-1) : forms[0];
    },
  });

/** A layer, with a bias; lines are whole quads where sizes are multiples of 4. */
const layer = (rows: number, inner: number, columns: number): Sample =>
  sample([[rows, inner], [inner, columns], [columns]], (x, w, b) => relu(linear(x as Node, w as Node, b as Node)));

/** The gradient of its weights, with that of its bias. */
const weights = (rows: number, inner: number, columns: number): Sample =>
  sample(
    [
      [1, inner, rows],
      [1, inner, columns],
    ],
    (x, dy) => {
      const y = matmulOps.matmul([x as Node, dy as Node], { transposeA: true, transposeB: false, columnSums: true });
      return [y, output(y, 1)];
    },
  );

/** Batches, with work fused into loads and stores. */
const batches = (rows: number, columns: number): Sample =>
  sample(
    [
      [3, rows, 19],
      [3, 19, columns],
    ],
    (a, b) => mul(matmul(add(a as Node, 1), b as Node), 2),
  );

const transposed = (rows: number, inner: number, columns: number, transposeA: boolean): Sample =>
  sample([transposeA ? [inner, rows] : [rows, inner], [columns, inner]], (a, b) =>
    matmul(a as Node, b as Node, { transposeA, transposeB: true }),
  );

/** Results a little larger than one tile or smaller; lines that are whole quads, and others; layouts spread over the tiles. */
const CASES: readonly (readonly [tile: string, hasParts: boolean, sample: Sample])[] = [
  ["128×128 by 8×8", false, batches(132, 129)],
  ["128×128 by 8×8", true, weights(129, 132, 6)],
  ["64×64 by 8×4", false, layer(68, 20, 36)],
  ["64×64 by 8×4", true, transposed(33, 131, 65, true)],
  ["32×32 by 4×4", false, weights(35, 19, 33)],
  ["32×32 by 4×4", true, layer(36, 132, 12)],
  ["16×128 by 4×4", false, transposed(20, 20, 132, false)],
  ["16×128 by 4×4", true, weights(4, 133, 65)],
];

test("every tile has its cases", () => {
  expect(new Set(CASES.map(([tile]) => tile))).toEqual(new Set(NAMES));
});

test.each(CASES)("a tile of %s, sums in parts: %s", async (tile, hasParts, sample) => {
  const asked = new Set<string>();
  const device = new GpuBackend(await testDevice(), forced(tile, hasParts, asked));
  expect(await mistakesIn(device, [sample], SEED)).toEqual([]);
  expect(asked).toContain("matmul tile");
});
