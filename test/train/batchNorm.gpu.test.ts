import { describe, expect, test } from "vitest";
import { treeOf } from "../../src/core/tree.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { evaluate } from "../../src/cpu/evaluate.ts";
import { type Dataset, dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Device } from "../../src/graph/device.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { mse, softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { relu } from "../../src/nn/activations.ts";
import { foldBatchNorm } from "../../src/nn/fold.ts";
import { freeze } from "../../src/nn/freeze.ts";
import type { Layer, NodeTree } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm, layerNorm } from "../../src/nn/normalization.ts";
import { reshape, serial } from "../../src/nn/serial.ts";
import { mul, sub } from "../../src/ops/arithmetic.ts";
import { fill, input } from "../../src/ops/constant.ts";
import { mean } from "../../src/ops/reduce.ts";
import { adam } from "../../src/optim/adam.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { gradients } from "../../src/passes/autodiff.ts";
import type { FitOptions } from "../../src/train/fitOptions.ts";
import type { Weights } from "../../src/train/state.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { packWeights, unpackWeights } from "../../src/train/weightsFile.ts";
import { testDevice } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";

const gpu = async () => new GpuBackend(await testDevice());
const RATE = 0.1;

/** Seeded points and classes. */
function points(count: number, size = 6, classes = 3): Dataset {
  const features = Float32Array.from(
    { length: count * size },
    (_, i) => Math.sin(i * 12.9898) * 3 + Math.cos(i * 0.31),
  );
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
  return dataset(features, labels, { shape: [size], classes });
}

const net = () => serial(linear(8, { bias: false }), batchNorm(), relu(), linear(3));
/** Statistics over positions too: [6] as 3 positions of 2 channels. */
const positions = () =>
  serial(reshape([3, 2]), linear(4, { bias: false }), batchNorm(), relu(), reshape([12]), linear(3));

const make = (device: Device, model: Layer, more: Partial<TrainerOptions> = {}): Promise<Trainer> =>
  createTrainer(device, model, { input: [6], loss: softmaxCrossEntropy(), optimizer: sgd(RATE), seed: 3, ...more });

async function run(trainer: Trainer, set: Dataset, options: FitOptions = {}): Promise<void> {
  for await (const _ of trainer.fit(set, { batchSize: 64, shuffle: false, ...options })) void _;
}

/** The same training by plain SGD in float64, each batch as long as it is: no padding, no mask. */
function referenceEpochs(model: Layer, first: Weights, set: Dataset, batchSize: number, epochs: number): Weights {
  let weights: Record<string, { shape: readonly number[]; data: Values }> = Object.fromEntries(
    Object.entries(first).map(([path, { shape, data }]) => [path, { shape, data: Float64Array.from(data) }]),
  );
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let start = 0; start < set.count; start += batchSize) {
      const count = Math.min(batchSize, set.count - start);
      const leaves = Object.entries(weights).map(([path, { shape }]) => [path, input(path, shape)] as const);
      const x = input("x", [count, 6]);
      const y = input("y", [count], "i32");
      const given = new Map<Node, Values>([
        [x, Float64Array.from(set.features.subarray(start * 6, (start + count) * 6))],
        [y, Float64Array.from(set.labels.subarray(start, start + count))],
        ...leaves.map(([path, leaf]): [Node, Values] => [leaf, weights[path]?.data as Values]),
      ]);
      const next = new Map<Node, Node>();
      const prediction = model.apply(treeOf(leaves) as NodeTree, x, {
        training: true,
        random: () => ({ seed: 0, stream: 0, counter: fill([], 0, "u32") }),
        replace: (state, value) => next.set(state, value),
      });
      const loss = mean(softmaxCrossEntropy().perSample(prediction, y).loss);
      const trained = leaves.filter(([, leaf]) => !next.has(leaf)).map(([, leaf]) => leaf);
      gradients(loss, trained).forEach((gradient, i) => {
        const leaf = trained[i] as Node;
        next.set(leaf, sub(leaf, mul(gradient, RATE)));
      });
      const values = evaluate(
        leaves.map(([, leaf]) => next.get(leaf) as Node),
        (leaf) => given.get(leaf) as Values,
      );
      weights = Object.fromEntries(
        leaves.map(([path, leaf], i) => [path, { shape: leaf.shape, data: values[i] as Values }]),
      );
    }
  }
  return Object.fromEntries(
    Object.entries(weights).map(([path, { shape, data }]) => [path, { shape, data: Float32Array.from(data) }]),
  );
}

/** Largest difference of two parameter sets, over the size of each parameter. */
function distance(a: Weights, b: Weights): number {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  return Math.max(
    ...Object.entries(a).map(([path, { data }]) => {
      const other = b[path]?.data as Float32Array;
      const size = Math.max(...data.map(Math.abs));
      return Math.max(...data.map((value, i) => Math.abs(value - (other[i] as number)))) / size;
    }),
  );
}

describe("a partial batch", () => {
  test.each([
    ["vectors", net],
    ["positions", positions],
  ])("100 examples in batches of 64 train as if there were no padding: %s", async (_, model) => {
    const set = points(100);
    const trainer = await make(await gpu(), model());
    const first = await trainer.weights();
    await run(trainer, set, { epochs: 2 });
    const trained = await trainer.weights();
    expect(distance(trained, referenceEpochs(model(), first, set, 64, 2))).toBeLessThan(1e-5);
    expect(distance(trained, first)).toBeGreaterThan(1e-2);
  });

  test("evaluation in batches of 64 gives what one batch gives", async () => {
    const set = points(100);
    const trainer = await make(await gpu(), net());
    await run(trainer, set);
    const [parts, whole] = [
      await trainer.evaluate(set, { batchSize: 64 }),
      await trainer.evaluate(set, { batchSize: 100 }),
    ];
    expect(Math.abs(parts.loss - whole.loss)).toBeLessThan(1e-5 * whole.loss);
  });
});

describe("running statistics", () => {
  test("the GPU follows the reference device", async () => {
    const results: Weights[] = [];
    for (const device of [new CpuDevice(), await gpu()]) {
      const trainer = await make(device, positions(), { optimizer: adam(1e-2) });
      await run(trainer, points(100), { epochs: 3, shuffle: true });
      results.push(await trainer.weights());
    }
    expect(distance(...(results as [Weights, Weights]))).toBeLessThan(1e-4);
  });

  test("they are listed, counted apart, and left alone by evaluation and prediction", async () => {
    const trainer = await make(await gpu(), net());
    expect(trainer.parameters.map(({ path, role }) => `${path} ${role}`)).toEqual([
      "0.weight trained",
      "1.weight trained",
      "1.bias trained",
      "1.runningMean running",
      "1.runningVariance running",
      "3.weight trained",
      "3.bias trained",
    ]);
    expect(trainer.parameterCount).toBe(6 * 8 + 16 + 8 * 3 + 3);
    const first = await trainer.weights();
    expect([...(first["1.runningVariance"]?.data ?? [])]).toEqual(new Array(8).fill(1));
    await run(trainer, points(100));
    const trained = await trainer.weights();
    expect(trained["1.runningMean"]?.data).not.toEqual(first["1.runningMean"]?.data);
    await trainer.evaluate(points(100));
    await trainer.predict(points(10));
    expect(await trainer.weights()).toEqual(trained);
  });

  test("one dispatch replaces them all, whatever their number", async () => {
    for (const norms of [1, 2, 3]) {
      const layers = Array.from({ length: norms }, () => [linear(8), batchNorm(), relu()]).flat();
      const trainer = await make(await gpu(), serial(...layers, linear(3)));
      await run(trainer, points(128), { maxSteps: 1 });
      const packed = norms * 2 * 8;
      expect((await trainer.print()).match(new RegExp(`writes leaf\\d+ \\[${packed}\\]`, "g"))).toHaveLength(1);
    }
  });

  test("they are saved, loaded, kept and restored with the weights", async () => {
    const device = await gpu();
    const trainer = await make(device, net());
    await run(trainer, points(100), { epochs: 3 });
    const saved = unpackWeights(packWeights(await trainer.weights()));
    const other = await make(device, net(), { seed: 9 });
    other.load(saved);
    expect(await other.weights()).toEqual(await trainer.weights());
    expect((await other.predict(points(10))).data).toEqual((await trainer.predict(points(10))).data);
    const { ["1.runningMean"]: _, ...partial } = saved;
    expect(() => other.load(partial)).toThrow(/^load: parameter "1.runningMean" is missing/);

    let isKept = false;
    await run(trainer, points(100), {
      epochs: 2,
      stepsPerSubmit: 1,
      callbacks: [
        {
          onReport: (_, control) => {
            if (!isKept) control.keepWeights();
            isKept = true;
          },
          onEnd: (control) => control.restoreWeights(),
        },
      ],
    });
    const kept = await trainer.weights();
    expect(kept["1.runningMean"]).not.toEqual(saved["1.runningMean"]);
    await run(trainer, points(100), { callbacks: [{ onEnd: (control) => control.restoreWeights() }] });
    expect(await trainer.weights()).toEqual(kept);
  });

  test("a step that is not finite changes none of them", async () => {
    const trainer = await createTrainer(await gpu(), serial(linear(4), batchNorm(), linear(1)), {
      input: [2],
      loss: mse(),
      optimizer: sgd(0.01),
      seed: 1,
    });
    const features = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i) * 10);
    const good = dataset(features, new Float32Array(100), { shape: [2] });
    await run(trainer, good);
    const before = await trainer.weights();
    const labels = Float32Array.from({ length: 100 }, (_, i) => (i === 70 ? 1e30 : 0));
    const bad = dataset(features, labels, { shape: [2] });
    expect(await rejectionOf(run(trainer, bad, { batchSize: 100 }))).toMatch(
      /^NonFiniteError: fit: step \d+ is not finite: the loss is 1.00e\+60/,
    );
    expect(await trainer.weights()).toEqual(before);
  });

  test("a statistic that overflows stops the step and is named", async () => {
    const trainer = await createTrainer(await gpu(), serial(batchNorm(), linear(1)), {
      input: [2],
      loss: mse(),
      optimizer: sgd(0.01),
    });
    const set = dataset(
      Float32Array.from({ length: 200 }, (_, i) => (i % 3) * 1e25),
      new Float32Array(100),
      { shape: [2] },
    );
    expect(await rejectionOf(run(trainer, set, { batchSize: 100 }))).toMatch(
      /the next 0\.runningVariance is .*too large for f32/,
    );
    expect([...((await trainer.weights())["0.runningVariance"]?.data ?? [])]).toEqual([1, 1]);
  });
});

describe("bad input", () => {
  test("one value for each channel", async () => {
    const device = await gpu();
    const one = rejectionOf(run(await make(device, net()), points(10), { batchSize: 1 }));
    expect(await one).toMatch(
      /^ShapeError: batchNorm \(layer 1\): training takes more than one value for each channel: the smallest batch is \[1, 8\]/,
    );
    const last = rejectionOf(run(await make(device, net()), points(65), { batchSize: 64 }));
    expect(await last).toMatch(
      /^ShapeError: batchNorm \(layer 1\): .*the smallest batch is \[1, 8\], of batches \[64, 8\]/,
    );
    await run(await make(device, positions()), points(65), { batchSize: 64 }); // three positions
    await (await make(device, net())).evaluate(points(1));
  });

  test("nothing to train", async () => {
    expect(await rejectionOf(make(await gpu(), freeze(net())))).toMatch(
      /^OptionError: createTrainer: the model has no parameters to train/,
    );
  });
});

describe("freeze", () => {
  test("what is frozen keeps its weights and statistics, the rest learns", async () => {
    const body = () => serial(linear(8, { bias: false }), batchNorm(), relu());
    const trainer = await make(await gpu(), serial(freeze(body()), layerNorm(), linear(3)));
    expect(trainer.parameters.filter(({ role }) => role === "fixed").map(({ path }) => path)).toEqual([
      "0.0.weight",
      "0.1.weight",
      "0.1.bias",
      "0.1.runningMean",
      "0.1.runningVariance",
    ]);
    const first = await trainer.weights();
    const set = points(100);
    const before = (await trainer.evaluate(set)).loss;
    await run(trainer, set, { epochs: 5 });
    const after = await trainer.weights();
    for (const [path, { data }] of Object.entries(after)) {
      if (path.startsWith("0.")) expect(data, path).toEqual(first[path]?.data);
      else expect(data, path).not.toEqual(first[path]?.data);
    }
    expect((await trainer.evaluate(set)).loss).toBeLessThan(before);
  });

  test("weights of the layer as it was can be loaded", async () => {
    const device = await gpu();
    const trained = await make(device, net());
    await run(trained, points(100));
    const frozen = await make(
      device,
      serial(freeze(linear(8, { bias: false })), freeze(batchNorm()), relu(), linear(3)),
    );
    frozen.load(await trained.weights());
    expect((await frozen.predict(points(10))).data).toEqual((await trained.predict(points(10))).data);
  });
});

describe("folding", () => {
  test("a folded model predicts the same with fewer parameters", async () => {
    const device = await gpu();
    const model = serial(
      serial(linear(8, { bias: false }), batchNorm()),
      relu(),
      linear(5),
      freeze(batchNorm({ affine: false })),
      batchNorm(),
      linear(3),
    );
    const trainer = await make(device, model, { optimizer: adam(0.01) });
    await run(trainer, points(100), { epochs: 5 });
    const folded = foldBatchNorm(model, await trainer.weights());
    expect(Object.entries(folded.weights).map(([path, { shape }]) => `${path} ${shape}`)).toEqual([
      "0.0.weight 6,8",
      "0.0.bias 8",
      "2.weight 8,5",
      "2.bias 5",
      "5.weight 5,3",
      "5.bias 3",
    ]);
    const inference = await make(device, folded.model);
    inference.load(folded.weights);
    const [got, expected] = [(await inference.predict(points(50))).data, (await trainer.predict(points(50))).data];
    const size = Math.max(...expected.map(Math.abs));
    got.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-5 * size);
    });
  });
});
