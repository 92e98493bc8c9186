// Round numbers for axes.
import type { Range } from "./points.ts";

/** Round numbers inside a range, about `count` of them. */
export function ticks([low, high]: Range, count = 4): number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    found.push(Number((i * step).toPrecision(6)));
  }
  return found;
}
