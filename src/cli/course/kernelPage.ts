// The picture of `npm run course -- kernels`: both inputs above, then a cell for each kernel with its numbers and its two outputs.
import type { Picture } from "./circle.ts";
import { CLASSIC_KERNELS } from "./classicKernels.ts";
import { FAINT, kernelTable, legend, number, text, tile, writePage } from "./drawing.ts";

const COLUMNS = 3;
const MARGIN = 28;
const TILE = 120;
const NUMBERS = 28;
const GAP = 12;
const CELL = { width: 3 * NUMBERS + 2 * (TILE + GAP) + 32, height: TILE + 64 };
const HEAD = TILE + 2 * MARGIN + 32;

/** Writes the page; `outputs[i][k]` is what kernel k made of input i. */
export async function writeKernelPage(
  file: string,
  inputs: readonly Picture[],
  outputs: readonly (readonly Picture[])[],
): Promise<void> {
  const rows = Math.ceil(CLASSIC_KERNELS.length / COLUMNS);
  const cells = CLASSIC_KERNELS.flatMap(({ name, weights }, k) => {
    const x = MARGIN + (k % COLUMNS) * CELL.width;
    const y = HEAD + Math.floor(k / COLUMNS) * CELL.height;
    return [
      text(x, y, name, { size: 15 }),
      kernelTable(x, y + 12, NUMBERS, weights),
      ...outputs.flatMap((pictures, i) => {
        const { values } = pictures[k] as Picture;
        const left = x + 3 * NUMBERS + GAP + i * (TILE + GAP);
        return [
          tile(left, y + 12, TILE, pictures[k] as Picture),
          text(left, y + TILE + 27, `${number(Math.min(...values))} … ${number(Math.max(...values))}`, {
            size: 11,
            fill: FAINT,
          }),
        ];
      }),
    ];
  });
  await writePage(file, {
    width: 2 * MARGIN + COLUMNS * CELL.width - 32,
    height: HEAD + rows * CELL.height + MARGIN - 36,
    parts: [...head(inputs), ...cells],
  });
}

function head(inputs: readonly Picture[]): string[] {
  const left = MARGIN + 3 * NUMBERS + GAP;
  const beside = left + inputs.length * (TILE + GAP) + 20;
  const lines = [
    "Each kernel slides over the picture and multiplies the nine pixels under it.",
    "What adds up to nothing, such as an even area under an edge kernel, stays black.",
    "Every output has a scale of its own; its least and largest value stand below it.",
  ];
  return [
    text(MARGIN, MARGIN + 14, "inputs", { size: 15 }),
    ...inputs.map((picture, i) => tile(left + i * (TILE + GAP), MARGIN, TILE, picture)),
    text(beside, MARGIN + 14, "Nine kernels", { size: 20 }),
    ...lines.map((line, i) => text(beside, MARGIN + 40 + i * 20, line, { fill: FAINT })),
    legend(beside, MARGIN + TILE - 26, 240),
  ];
}
