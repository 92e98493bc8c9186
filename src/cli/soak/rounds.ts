// What a soak does in a round: one trainer that lives throughout is trained in another way each time; others come and go with their
// optimisers, with errors, with a device that is lost. Whatever is done twice in the same way must give the same loss.
import { setImmediate } from "node:timers/promises";
import { type Draw, drawOf } from "../../check/draw.ts";
import { compile } from "../../compile.ts";
import { NonFiniteError } from "../../core/error.ts";
import { type Dataset, dataset } from "../../data/dataset.ts";
import { GpuBackend } from "../../gpu/backend.ts";
import type { Device } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { accuracy } from "../../metrics/perSample.ts";
import { relu, tanh } from "../../nn/activations.ts";
import { linear } from "../../nn/linear.ts";
import { dropout, serial } from "../../nn/serial.ts";
import { mul } from "../../ops/arithmetic.ts";
import { sum } from "../../ops/broadcast.ts";
import { adam, adamW } from "../../optim/adam.ts";
import type { Optimizer } from "../../optim/optimizer.ts";
import { sgd } from "../../optim/sgd.ts";
import type { FitOptions } from "../../train/fitOptions.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";

const BATCHES = [4, 16, 33] as const;
const STEPS_PER_SUBMIT = [1, 7, 64, undefined] as const;
const OPTIMIZERS: readonly (readonly [name: string, make: () => Optimizer])[] = [
  ["sgd", () => sgd(0.05)],
  ["sgd with momentum", () => sgd(0.05, { momentum: 0.9 })],
  ["adam", () => adam(0.01)],
  ["adamW", () => adamW(0.01)],
];
/** A device is lost every so many rounds. */
const LOST_EVERY = 3;

interface Site {
  /** Stays open throughout. */
  readonly device: Device;
  /** Opens another one. */
  readonly open: () => Promise<Device>;
  readonly seed: number;
}

export class Rounds {
  /** Rounds and training steps done. */
  count = 0;
  steps = 0;
  /** Results that were not what they had been before. */
  readonly mistakes: string[] = [];
  readonly #site: Site;
  readonly #sets: readonly Dataset[];
  readonly #trainer: Trainer;
  readonly #losses = new Map<string, number>();

  private constructor(site: Site, sets: readonly Dataset[], trainer: Trainer) {
    this.#site = site;
    this.#sets = sets;
    this.#trainer = trainer;
  }

  static async start(site: Site): Promise<Rounds> {
    return new Rounds(site, [spirals(201), spirals(150)], await make(site.device, adam(0.01)));
  }

  async run(): Promise<void> {
    const draw = drawOf(this.#site.seed, this.count);
    await this.#trainOn(draw);
    await this.#comeAndGo();
    await this.#diverge();
    if (this.count % LOST_EVERY === LOST_EVERY - 1) await this.#loseDevice();
    await this.#compileOnce();
    this.count++;
  }

  /** The trainer that stays: other sets, batches, submissions; stopped by a signal, left early, or run to its end. */
  async #trainOn(draw: Draw): Promise<void> {
    const trainer = this.#trainer;
    for (const batchSize of BATCHES) {
      for (const set of [draw.pick(this.#sets), this.#sets[0] as Dataset]) {
        const stepsPerSubmit = draw.pick(STEPS_PER_SUBMIT);
        const size = { batchSize, maxSteps: draw.int(1, 100), epochs: 100 };
        const options = { ...size, ...(stepsPerSubmit ? { stepsPerSubmit } : {}) };
        const end = draw.pick(["whole", "signal", "left"] as const);
        if (end === "signal") await this.#fit(trainer, set, options, draw.int(1, 40));
        else if (end === "whole") await this.#fit(trainer, set, options);
        else for await (const _ of trainer.fit(set, options)) break;
      }
    }
    for (const set of this.#sets) await trainer.evaluate(set, { batchSize: 50 });
    await trainer.predict(this.#sets[0] as Dataset, { batchSize: 16 });
    trainer.load(await trainer.weights());
  }

  /** A trainer of its own for each optimiser in turn; its loss is the same each time. */
  async #comeAndGo(): Promise<void> {
    const [name, optimizer] = OPTIMIZERS[this.count % OPTIMIZERS.length] as (typeof OPTIMIZERS)[number];
    const trainer = await make(this.#site.device, optimizer());
    const loss = await this.#fit(trainer, this.#sets[0] as Dataset, { batchSize: 16, maxSteps: 60, epochs: 100 });
    this.#expectSame(name, loss);
  }

  /** A run that ends in an error. */
  async #diverge(): Promise<void> {
    const trainer = await make(this.#site.device, sgd(1e30));
    try {
      await this.#fit(trainer, this.#sets[0] as Dataset, { batchSize: 33, maxSteps: 40, epochs: 100 });
      this.mistakes.push("a run with learning rate 1e30 did not end in an error");
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
    }
  }

  /** A device lost in mid-run; the weights go on on another one. */
  async #loseDevice(): Promise<void> {
    const device = await this.#site.open();
    const trainer = await make(device, adam(0.01));
    const set = this.#sets[1] as Dataset;
    if (device instanceof GpuBackend) {
      let isLost = false;
      try {
        for await (const _ of trainer.fit(set, { batchSize: 16, epochs: 1000 })) device.gpu.raw.destroy();
      } catch {
        isLost = true;
      }
      if (!isLost) this.mistakes.push("a run on a lost device did not end in an error");
    }
    const weights = await trainer.weights();
    device.close();
    const next = await this.#site.open();
    const again = await make(next, adam(0.01));
    again.load(weights);
    await this.#fit(again, set, { batchSize: 16, maxSteps: 30, epochs: 100 });
    next.close();
  }

  /** A function compiled, run and released. */
  async #compileOnce(): Promise<void> {
    const dot = await compile(this.#site.device, (x: Node) => sum(mul(x, x)), [[64]]);
    const value = await dot.run(Float32Array.from({ length: 64 }, (_, i) => i)).item();
    if (value !== (63 * 64 * 127) / 6) this.mistakes.push(`a sum of squares was ${value}`);
    dot.release();
  }

  /** Trains and gives the last loss; stops by signal after so many steps. */
  async #fit(trainer: Trainer, set: Dataset, options: FitOptions, until = Number.POSITIVE_INFINITY): Promise<number> {
    const controller = new AbortController();
    let last = Number.NaN;
    let steps = 0;
    const onStep = ({ loss }: { readonly loss: number }) => {
      last = loss;
      this.steps++;
      if (++steps >= until) controller.abort();
    };
    for await (const _ of trainer.fit(set, { ...options, signal: controller.signal, callbacks: [{ onStep }] }))
      await setImmediate();
    return last;
  }

  #expectSame(what: string, loss: number): void {
    const before = this.#losses.get(what);
    if (before === undefined) this.#losses.set(what, loss);
    else if (before !== loss) this.mistakes.push(`${what}: the same run gave the loss ${loss} after ${before}`);
  }
}

function make(device: Device, optimizer: Optimizer): Promise<Trainer> {
  return createTrainer(device, serial(linear(12), tanh(), dropout(0.1), linear(8), relu(), linear(3)), {
    input: [2],
    loss: softmaxCrossEntropy(),
    optimizer,
    metrics: [accuracy()],
    seed: 1,
  });
}

/** Three arms that wind around the origin. */
function spirals(count: number): Dataset {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const features = Array.from(labels, (arm, i) => {
    const radius = i / count;
    const angle = (arm * 2 * Math.PI) / 3 + 3 * radius + 0.2 * Math.sin(i * 12.9898);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return dataset(features, labels, { classes: 3 });
}
