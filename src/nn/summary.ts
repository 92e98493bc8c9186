// What a model is made of, layer by layer, told without drawing a single weight.
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import { leavesOf } from "../core/tree.ts";
import { isParameter, type Layer, type LayerEntry, type Parameter } from "./layer.ts";

/** Counts of a layer, or of a whole model. */
export interface LayerCounts {
  /** Numbers in all parameters, running statistics included. */
  readonly parameters: number;
  /** Those that gradients move. */
  readonly trainable: number;
  /** Multiplications that are added up for one example. */
  readonly multiplyAdds: number;
}

/** One layer of a summary. */
export interface SummaryRow extends LayerCounts {
  /** Where it is: "body.2". */
  readonly path: string;
  readonly name: string;
  /** Shape of its output for one example. */
  readonly output: Shape;
}

/** What `summary` finds. */
export interface Summary extends LayerCounts {
  readonly input: Shape;
  readonly output: Shape;
  /** Layers in the order they run; of containers only what is inside. */
  readonly rows: readonly SummaryRow[];
  /** All of it as a table in plain text. */
  readonly print: () => string;
}

/**
 * Tells shape, parameters and multiply-adds of each layer for an example of shape `input`. Nothing is computed.
 * @throws ShapeError naming the layer that does not fit
 * @example
 * console.log(nn.summary(nn.serial(nn.linear(128), nn.relu(), nn.linear(10)), [784]).print());
 */
export function summary(model: Layer, input: Shape): Summary {
  const entries: LayerEntry[] = [];
  const note = (entry: LayerEntry): void => void entries.push(entry);
  const { params, output } = model.init(input, { seed: 0, nextStream: () => 0, isDry: true, note });
  if (entries.length === 0) note({ path: "", layer: model, input, output, params });
  const parameters = leavesOf<Parameter>(params, isParameter);
  const isContainer = ({ path }: LayerEntry) => entries.some((other) => other.path.startsWith(`${path}.`));
  const rows = entries
    .filter((entry) => !isContainer(entry))
    .map(({ path, layer, input: from, output: to }): SummaryRow => {
      const own = parameters.filter((each) => path === "" || each.path.startsWith(`${path}.`));
      const multiplyAdds = layer.multiplyAdds?.(from, to) ?? 0;
      return { path, name: layer.name, output: to, ...countsOf(own.map(({ leaf }) => leaf)), multiplyAdds };
    });
  const totals = {
    ...countsOf(parameters.map(({ leaf }) => leaf)),
    multiplyAdds: rows.reduce((sum, row) => sum + row.multiplyAdds, 0),
  };
  return { input, output, rows, ...totals, print: () => tableOf(input, rows, totals) };
}

/** Numbers in all parameters of a model for examples of shape `input`. */
export function countParameters(model: Layer, input: Shape): number {
  return summary(model, input).parameters;
}

function countsOf(parameters: readonly Parameter[]): { readonly parameters: number; readonly trainable: number } {
  const count = (some: readonly Parameter[]) => some.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { parameters: count(parameters), trainable: count(parameters.filter((each) => each.isTrainable !== false)) };
}

/** Names to the left, numbers to the right, two spaces between columns; the column of trainable ones only where some are not. */
function tableOf(input: Shape, rows: readonly SummaryRow[], totals: LayerCounts): string {
  const hasFixed = totals.trainable !== totals.parameters;
  const numbers = (counts: LayerCounts) => [
    counts.parameters.toLocaleString("en"),
    ...(hasFixed ? [counts.trainable.toLocaleString("en")] : []),
    counts.multiplyAdds.toLocaleString("en"),
  ];
  const head = ["", "layer", "output", "parameters", ...(hasFixed ? ["trainable"] : []), "multiply-adds"];
  const lines = [
    head,
    ["", "input", showShape(input), ...numbers({ parameters: 0, trainable: 0, multiplyAdds: 0 }).map(() => "")],
    ...rows.map((row) => [row.path, row.name, showShape(row.output), ...numbers(row)]),
    ["", "total", "", ...numbers(totals)],
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => (cells[column] as string).length)));
  const align = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      )
      .join("  ");
  const texts = lines.map((cells) => align(cells).trimEnd());
  return [...texts.slice(0, -1), "─".repeat((texts[0] as string).length), texts.at(-1)].join("\n");
}
