// Kernels that come in several forms, each forced on the adapter under test, whichever it would choose itself.
import { expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { gradientOf } from "../../src/check/gradient.ts";
import { runSamples } from "../../src/check/run.ts";
import type { Row, Sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Profile } from "../../src/graph/form.ts";
import { testDevice } from "../device.ts";

const SEED = 2;
const RANDOM_SHAPES = 6;

const plain = ({ subgroup: _, ...profile }: Profile): Profile => profile;
const FORMS: readonly [string, (profile: Profile) => Profile][] = [
  ["hardware", (profile) => ({ ...plain(profile), family: "gpu" })],
  ["software without subgroups", (profile) => ({ ...plain(profile), family: "software" })],
  ["software", (profile) => ({ ...profile, family: "software" })],
];
const ROWS = ["matmul", "conv1d", "conv2d", "convTranspose2d"] as const;

test.each(FORMS.flatMap(([form, force]) => ROWS.map((name) => [name, form, force] as const)))(
  "%s in its forms for %s",
  async (name, _, force) => {
    const { samples: list, random } = samples[name] as Row;
    const more = Array.from({ length: RANDOM_SHAPES }, (__, turn) => random?.(drawOf(SEED, turn)) as Sample);
    const all = [...list, ...more];
    const gradients = all.map(gradientOf).filter((gradient) => gradient !== undefined);
    const runs = await runSamples(new GpuBackend(await testDevice(), force), [...all, ...gradients], SEED);
    const wrong = runs.flatMap(({ sample, comparisons }) =>
      comparisons.filter(({ isEqual }) => !isEqual).map(({ message }) => `${sample.name}: ${message}`),
    );
    expect(wrong).toEqual([]);
  },
);
