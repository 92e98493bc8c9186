// Plots as rows of bars: each has a name, a bar and its value, so that a page stays readable at any width.
import { escaped } from "./html.ts";

export interface Bar {
  /** Bars of one group follow each other under its name. */
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly text: string;
  /** Which colour: 0 is gpugrad's own. */
  readonly hue: number;
}

/** Figures further apart than this are drawn on a logarithmic scale. */
const LINEAR = 50;

/** The bars of one figure, `title`, from 0 or, on a logarithmic scale, from a third of the smallest. */
export function barsOf(title: string, bars: readonly Bar[]): string {
  const values = bars.map(({ value }) => value).filter((value) => value > 0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!(most > 0)) return "";
  const isLinear = most / least <= LINEAR;
  const widthOf = (value: number) =>
    isLinear ? value / most : Math.log(Math.max(1, (3 * value) / least)) / Math.log((3 * most) / least);
  const lines = bars.map(({ group, name, value, text, hue }, i) => {
    const isFirst = bars[i - 1]?.group !== group;
    const label = name === group ? escaped(name) : `${isFirst ? `<b>${escaped(group)}</b> ` : ""}${escaped(name)}`;
    const width = (100 * widthOf(value)).toFixed(2);
    const bar = `<svg width="100%" height="14" aria-hidden="true"><rect class="hue${hue % 8}" width="${width}%" height="14" rx="2"/></svg>`;
    return `<div class="bar${isFirst ? " first" : ""}"><span>${label}</span>${bar}<span>${escaped(text)}</span></div>`;
  });
  return `<figure><figcaption>${escaped(title)}${isLinear ? "" : ", logarithmic scale"}</figcaption>\n${lines.join("\n")}\n</figure>`;
}
