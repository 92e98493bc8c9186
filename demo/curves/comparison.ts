// Network and polynomial side by side in a table: how many numbers each learns, and how well.
import { setText } from "../ui/element.ts";
import { count, number } from "../ui/format.ts";
import { table } from "../ui/parts.ts";
import { text } from "./text.ts";

const said = text.fit.table;

/** Of one curve on the points. */
interface On {
  readonly error: number;
  readonly score: number;
}

export function comparison(): {
  readonly element: HTMLElement;
  network(numbers: number, on: On | undefined, off: number | undefined): void;
  polynomial(degree: number, numbers: number, on: On | undefined, off: number | undefined): void;
} {
  const { element, add } = table(
    said.caption,
    said.columns.map((title, i) => ({ title, isNumber: i > 0 })),
  );
  const rows = [said.network, said.polynomial(0)].map((name) => add([name, "–", "–", "–", "–"]));
  const fill = (row: HTMLTableRowElement | undefined, cells: readonly string[]) =>
    cells.forEach((cell, i) => {
      const at = row?.cells[i];
      if (at) setText(at, cell);
    });
  const cells = (numbers: number, on: On | undefined, off: number | undefined) => [
    count(numbers),
    on ? number(on.error) : "–",
    on ? number(on.score) : "–",
    off === undefined ? "–" : number(off),
  ];
  return {
    element,
    network: (numbers, on, off) => fill(rows[0], [said.network, ...cells(numbers, on, off)]),
    polynomial: (degree, numbers, on, off) => fill(rows[1], [said.polynomial(degree), ...cells(numbers, on, off)]),
  };
}
