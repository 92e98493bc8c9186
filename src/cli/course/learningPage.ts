// The picture of `npm run course -- learn-kernel`: before, wanted, and what the learnt kernel gives; below, both kernels and the loss.
import type { Picture } from "./circle.ts";
import type { ClassicKernel } from "./classicKernels.ts";
import { FAINT, INK, kernelTable, legend, reachOf, text, tile, writePage } from "./drawing.ts";
import type { Learning } from "./learnKernel.ts";

const MARGIN = 28;
const TILE = 240;
const GAP = 24;
const NUMBERS = 52;
const WIDTH = 2 * MARGIN + 3 * TILE + 2 * GAP;
const BELOW = MARGIN + TILE + 84;

export interface LearningPage {
  readonly kernel: ClassicKernel;
  readonly before: Picture;
  readonly after: Picture;
  readonly result: Picture;
  readonly learning: Learning;
}

export async function writeLearningPage(file: string, page: LearningPage): Promise<void> {
  const { kernel, before, after, result, learning } = page;
  const reach = reachOf(after.values); // the same scale for both, so that a difference would be seen
  const captions = ["before", `wanted: ${kernel.name}`, "by the learnt kernel"];
  const left = (column: number) => MARGIN + column * (TILE + GAP);
  const pictures = [before, after, result].flatMap((picture, i) => [
    text(left(i), MARGIN + 10, captions[i] as string, { size: 15 }),
    tile(left(i), MARGIN + 22, TILE, picture, i === 0 ? 1 : reach),
  ]);
  const learnt = learning.learnt.map((weight) => Number(weight.toFixed(3)));
  await writePage(file, {
    width: WIDTH,
    height: BELOW + 3 * NUMBERS + MARGIN + 20,
    parts: [
      ...pictures,
      legend(left(2), MARGIN + TILE + 32, TILE),
      text(left(0), BELOW, "true kernel", { size: 15 }),
      kernelTable(left(0), BELOW + 14, NUMBERS, kernel.weights),
      text(left(1), BELOW, "learnt kernel", { size: 15 }),
      kernelTable(left(1), BELOW + 14, NUMBERS, learnt),
      text(left(2), BELOW, `loss, ${learning.iterations.toLocaleString("en")} iterations`, { size: 15 }),
      curve(left(2), BELOW + 14, TILE, 3 * NUMBERS, learning),
    ],
  });
}

/** The loss on a logarithmic scale, a faint line for each power of ten. */
function curve(x: number, y: number, width: number, height: number, { losses }: Learning): string {
  const logs = losses.map(([, loss]) => Math.log10(Math.max(loss, 1e-12)));
  const [low, high] = [Math.floor(Math.min(...logs)), Math.max(Math.ceil(Math.max(...logs)), -6)];
  const last = losses.at(-1)?.[0] ?? 1;
  const labels = 34;
  const across = (iteration: number) => x + labels + (iteration / last) * (width - labels);
  const down = (log: number) => y + ((high - log) / (high - low)) * height;
  const grid = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
    (log) =>
      `<path d="M${x + labels} ${down(log)}h${width - labels}" stroke="#e3e6ea"/>` +
      text(x + labels - 6, down(log) + 4, `1e${log}`.replace("-", "−"), { size: 10.5, fill: FAINT, anchor: "end" }),
  );
  const points = losses.map(
    ([iteration], i) => `${across(iteration).toFixed(1)} ${down(logs[i] as number).toFixed(1)}`,
  );
  return `${grid.join("")}<path d="M${points.join("L")}" fill="none" stroke="${INK}" stroke-width="1.5"/>`;
}
