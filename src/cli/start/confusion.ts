// The confusion matrix as a small table: rows are what is true, columns what was predicted.
import Table from "cli-table3";
import { type ConfusionMatrix, classScores } from "../../metrics/confusion.ts";
import colors from "../colors.ts";

/** A table without lines, so that much fits 80 columns. */
export const BARE = Object.fromEntries(
  ["top", "bottom", "left", "right"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("mid", "left-mid", "mid-mid", "right-mid", "middle")
    .map((name) => [name, ""]),
);

/** The table as text. Right answers are green, mistakes red when there are many of them, none a dot. */
export function showConfusion(matrix: ConfusionMatrix): string {
  const { classes, counts } = matrix;
  const scores = classScores(matrix);
  const table = new Table({
    head: ["", ...Array.from({ length: classes }, (_, c) => colors.bold(`${c}`)), colors.dim("found")],
    colAligns: Array.from({ length: classes + 2 }, () => "right" as const),
    colWidths: [3, ...Array.from({ length: classes }, () => 6), 9],
    style: { head: [], border: [], "padding-left": 1, "padding-right": 0, compact: true },
    chars: BARE,
  });
  for (let label = 0; label < classes; label++) {
    const cells = Array.from({ length: classes }, (_, guess) => {
      const cell = counts[label * classes + guess] as number;
      if (guess === label) return colors.green(`${cell}`);
      if (cell === 0) return colors.dim("·");
      return cell >= 10 ? colors.red(`${cell}`) : `${cell}`;
    });
    table.push([colors.bold(`${label}`), ...cells, colors.dim(`${(100 * (scores[label]?.recall ?? 0)).toFixed(1)} %`)]);
  }
  return `predicted →\n${table.toString()}\n${mistakes(matrix)}`;
}

/** "Most often mistaken: 4 for 9 (18×), …" */
function mistakes({ classes, counts }: ConfusionMatrix): string {
  const wrong = [...counts]
    .map((times, at) => ({ label: Math.floor(at / classes), guess: at % classes, times }))
    .filter(({ label, guess, times }) => label !== guess && times > 0)
    .sort((a, b) => b.times - a.times)
    .slice(0, 3);
  if (wrong.length === 0) return "Nothing was mistaken.";
  const list = wrong.map(({ label, guess, times }) => `${label} for ${guess} (${times}×)`);
  return `Most often mistaken: ${list.join(", ")}.`;
}
