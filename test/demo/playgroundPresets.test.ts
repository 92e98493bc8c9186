import { createTrainer, type Device, openDevice } from "gpugrad";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchOf, lossOf, modelOf, optimizerOf, penaltyOf, setOf } from "../../demo/playground/build.ts";
import { gridOf } from "../../demo/playground/frame.ts";
import { probe, space, specsOf, view } from "../../demo/playground/live.ts";
import { type PresetName, presets } from "../../demo/playground/presets.ts";
import { drawPoints, isProblem } from "../../demo/playground/problems.ts";
import type { Settings } from "../../demo/playground/settings.ts";
import { testGpu } from "../device.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice({ gpu: await testGpu() });
});
afterAll(() => device.close());

interface Numbers {
  readonly loss: number;
  readonly score: number;
  readonly testLoss: number;
  readonly testScore: number;
  /** Length of each layer's gradient of weights, first layer first. */
  readonly gradients: readonly number[];
  readonly spans: readonly number[];
}

async function opened(settings: Settings) {
  if (!isProblem(settings.problem)) throw new Error("a preset has a problem that is drawn");
  const points = drawPoints(settings.problem, settings);
  const [set, held] = [points, drawPoints(settings.problem, { ...settings, count: 200 }, "test")].map((these) =>
    setOf(settings, these),
  ) as [ReturnType<typeof setOf>, ReturnType<typeof setOf>];
  const penalty = penaltyOf(settings);
  const trainer = await createTrainer(device, modelOf(settings, points), {
    ...{ input: [2], seed: settings.seed, loss: lossOf(settings, points), optimizer: optimizerOf(settings) },
    ...(penalty ? { penalty } : {}),
  });
  const subject = { settings, points };
  const look = await trainer.compile(probe(subject), [...specsOf(set), ...specsOf(held)]);
  const train = async (steps: number) => {
    const batchSize = batchOf(settings, set.count);
    for await (const _ of trainer.fit(set, { epochs: Number.POSITIVE_INFINITY, maxSteps: steps, batchSize }));
  };
  const numbers = async (): Promise<Numbers> => {
    const found = look.run(set.features, set.labels, held.features, held.labels);
    const [scores, gradients, spans] = await Promise.all([
      found.scores.read(),
      found.gradients.read(),
      found.spans.read(),
    ]);
    const [loss, score, testLoss, testScore] = scores as unknown as [number, number, number, number];
    const sizes = trainer.parameters.filter(({ path }) => /^(dense|out).*weight/.test(path)).map(({ shape }) => shape);
    let at = 0;
    const lengths = sizes.map(([inputs = 1, units = 1]) => {
      const own = (gradients as Float32Array).slice(at, at + inputs * units);
      at += inputs * units + units;
      return Math.hypot(...own);
    });
    return { loss, score, testLoss, testScore, gradients: lengths, spans: [...spans] };
  };
  return { trainer, points, subject, set, held, train, numbers };
}

async function trained(name: PresetName, steps: number): Promise<{ first: Numbers; last: Numbers }> {
  const run = await opened(presets[name]);
  const first = await run.numbers();
  await run.train(steps);
  return { first, last: await run.numbers() };
}

describe("presets show what their line says", () => {
  test.each([
    ["start", 1000, 0.97],
    ["fold", 2000, 0.95],
    ["arcs", 2000, 0.97],
    ["coin", 4000, 0.93],
    ["kingdoms", 2000, 0.97],
    ["spirals", 8000, 0.97],
    ["hills", 3000, 0.95],
    ["ripple", 10000, 0.9],
    ["flowing", 5000, 0.97],
  ] as const)("%s learns within %i steps", async (name, steps, score) => {
    const { first, last } = await trained(name, steps);
    expect(last.score).toBeGreaterThan(score);
    expect(last.loss).toBeLessThan(first.loss / 3);
  });

  test("a line cannot part XOR", async () => {
    const { last } = await trained("line", 3000);
    expect(last.loss).toBeGreaterThan(0.65);
    expect(last.score).toBeLessThan(0.8);
  });

  test("ReLUs die of too large a step and stay dead", async () => {
    const { first, last } = await trained("dead", 300);
    const dead = (spans: readonly number[]) => spans.filter((span) => span < 1e-6).length;
    expect(dead(first.spans)).toBe(0);
    expect(dead(last.spans)).toBeGreaterThanOrEqual(4);
  });

  test("six sigmoid layers leave the first a thousandth of the last one's gradient; tanh does not", async () => {
    const [sigmoid, tanh] = [await trained("vanishing", 3000), await trained("flowing", 50)];
    const share = ({ gradients }: Numbers) => (gradients[0] as number) / (gradients.at(-1) as number);
    expect(share(sigmoid.first)).toBeLessThan(1e-3);
    expect(sigmoid.last.loss).toBeGreaterThan(0.68);
    expect(share(tanh.first)).toBeGreaterThan(0.1);
  });

  test("with zeros only the last bias learns; equal weights stay equal", async () => {
    const zeros = await trained("zeros", 2000);
    expect(zeros.last.spans).toEqual(new Array(8).fill(0));
    expect(zeros.last.loss).toBeGreaterThan(0.69);
    const same = await trained("same", 2000);
    const [first = 0] = same.last.spans;
    for (const span of same.last.spans) expect(span).toBeCloseTo(first, 3);
    expect(same.last.loss).toBeGreaterThan(0.4);
  });

  test("twenty points are learnt by heart, and L2 helps", async () => {
    const [over, l2] = [await trained("over", 3000), await trained("l2", 3000)];
    expect(over.last.loss).toBeLessThan(0.02);
    expect(over.last.testLoss).toBeGreaterThan(1);
    expect(l2.last.loss).toBeGreaterThan(0.05);
    expect(l2.last.testLoss).toBeLessThan(0.6 * over.last.testLoss);
  });

  test("too large a rate makes the loss jump, too small a one hardly moves it", async () => {
    const run = await opened(presets.fast);
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) {
      await run.train(5);
      losses.push((await run.numbers()).loss);
    }
    const rises = losses.slice(1).filter((loss, i) => loss > (losses[i] as number)).length;
    expect(rises).toBeGreaterThan(8);
    const slow = await trained("slow", 1000);
    expect(slow.first.loss - slow.last.loss).toBeLessThan(0.1);
    expect(slow.last.loss).toBeLessThan(slow.first.loss);
  });

  test("a small class is ignored at first", async () => {
    const run = await opened(presets.rare);
    await run.train(200);
    const early = await run.numbers();
    expect(early.score).toBeGreaterThan(0.93);
  });
});

test("what is drawn has the shapes that the painter expects, on every kind of network", async () => {
  for (const [name, layer] of [
    ["start", 2],
    ["coin", 1],
    ["hills", 1],
  ] as const) {
    const { trainer, subject, points, set } = await opened(presets[name]);
    const side = 9;
    const map = await trainer.compile(view(subject), [[side * side, 2]]);
    const { shown, units, reach } = map.run(gridOf(side));
    expect(shown.shape).toEqual([81, points.classes > 2 ? points.classes : 1]);
    expect(units.map(({ shape }) => shape)).toEqual(subject.settings.layers.map((width) => [81, width]));
    const all = await units[0]?.read();
    const widest = await reach[0]?.read();
    const own = Math.max(
      ...Array.from({ length: 81 }, (_, i) => Math.abs(all?.[i * (subject.settings.layers[0] as number)] as number)),
    );
    expect(widest?.[0]).toBeCloseTo(own, 5);
    const hidden = await trainer.compile(space(subject, layer), [[side * side, 2], ...specsOf(set)]);
    const found = hidden.run(gridOf(side), set.features, set.labels);
    expect(found.last.shape).toEqual([points.count, Math.max(2, points.classes)]);
    expect(found.beforeRange.shape).toEqual([2, subject.settings.layers[layer - 1]]);
    expect(found.afterGrid.shape).toEqual([81, subject.settings.layers[layer - 1]]);
  }
});
