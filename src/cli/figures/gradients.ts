// The figure of gradients: every sample of every op, in float64, by random projection against central differences.
import { setImmediate } from "node:timers/promises";
import { GRADIENT_TOLERANCE, gradientOf, slopesOf } from "../../check/gradient.ts";
import type { Row } from "../../check/sample.ts";
import { samples } from "../../check/samples.ts";
import type { Figure } from "./figure.ts";

const SEED = 1;

export const gradients: Figure = {
  name: "gradients",
  what: "every sample: gradients, and gradients of gradients, by random projection in float64",
  bound: `≤ ${GRADIENT_TOLERANCE.toExponential(0)} relative`,
  async measure({ note }) {
    let slopes = 0;
    let worst = { error: 0, where: "" };
    for (const [name, { samples: list }] of Object.entries(samples) as [string, Row][]) {
      note(`gradients of ${name}`);
      await setImmediate();
      const smooth = list.filter((sample) => sample.smooth ?? true);
      for (const sample of smooth.flatMap((each) => [each, gradientOf(each)])) {
        if (!sample) continue;
        for (const { error, input } of slopesOf(sample, SEED)) {
          slopes++;
          if (!(error <= worst.error)) worst = { error, where: `${name} ${sample.name}, input ${input}` };
        }
      }
    }
    const count = slopes.toLocaleString("en");
    return {
      value: `${worst.error.toExponential(1)}, the worst of ${count}`,
      isMet: worst.error <= GRADIENT_TOLERANCE,
      data: { slopes, worst },
    };
  },
};
