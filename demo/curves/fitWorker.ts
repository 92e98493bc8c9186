// The worker of the fit: trains the network on the points, and between the steps reads the curve that it makes.
import {
  concat,
  createTrainer,
  type Device,
  dataset,
  loss,
  type ModelInGraph,
  mul,
  type Node,
  nn,
  openDevice,
  reshape,
  type ServeContext,
  serveTrainer,
  sin,
  type Trainer,
} from "gpugrad";
import { optimizerOf } from "./landscape.ts";
import { type FitDrawn, type FitSetup, PLACES } from "./messages.ts";
import type { Activation, Settings } from "./settings.ts";
import { evenly } from "./shapes.ts";

/** Between two drawings: enough for the eye, and most of the time is left to training. */
const DRAW_EVERY = { software: 60, gpu: 30, cpu: 120 }; // ms

/** Steps that come late are made up for, those of a quarter of a second at most. */
const MOST_OWED = 250; // ms

type Layer = ReturnType<typeof nn.linear>;

const activations: Readonly<Record<Activation, () => Layer>> = {
  tanh: nn.tanh,
  sigmoid: nn.sigmoid,
  relu: nn.relu,
  elu: nn.elu,
  softplus: nn.softplus,
  sin: () => ({ ...nn.tanh(), name: "sin", apply: (_, x) => sin(x) }),
};

/** Two layers. The first weights are large enough for units to bend at different places of −1 … 1. */
export const modelOf = ({ units, activation }: Settings): Layer =>
  nn.serial({
    hidden: nn.linear(units, { weight: nn.init.normal(0, 3), biasInitializer: nn.init.normal(0, 2) }),
    act: activations[activation](),
    out: nn.linear(1),
  });

/** x as the network sees it. */
const centred = (x: readonly number[]) => Float32Array.from(x, (value) => 2 * value - 1);

/** Serves fits at a port. */
export function serveFits(port: Parameters<typeof serveTrainer>[0]): void {
  let device: Device | undefined;
  serveTrainer<FitSetup>(port, async ({ settings, points }, context) => {
    if (!device || device.isClosed || device.failure) device = await openDevice({ device: "auto" });
    const trainer = await createTrainer(device, modelOf(settings), {
      input: [1],
      loss: loss.mse(),
      optimizer: optimizerOf(settings.optimizer, settings.rate),
      seed: settings.seed,
    });
    const set = dataset(centred(points.x), Float32Array.from(points.y), { shape: [1] });
    const batchSize = Math.min(settings.batch, points.x.length);
    const [drawing] = await Promise.all([
      openDrawing(trainer, { settings, points }, context),
      trainer.prepare(set, { batchSize }), // side by side: pipelines are made on several threads
    ]);
    let { pace } = settings;
    let [due, before] = [0, 0];
    return {
      ...{ trainer, set },
      get fit() {
        return { batchSize, budget: 8, ...(pace > 0 ? { stepsPerSubmit: Math.ceil(pace / 30), reportEvery: 0 } : {}) };
      },
      /** At a pace, submissions are short, and each waits until its steps are due. */
      onReport({ totalSteps }) {
        drawing.offer();
        if (pace === 0) return undefined;
        const now = performance.now();
        due = Math.max(due, now - MOST_OWED) + (1000 * Math.max(0, totalSteps - before)) / pace;
        before = totalSteps;
        return due > now ? new Promise((resolve) => setTimeout(resolve, Math.min(due - now, 120))) : undefined;
      },
      requests: {
        draw: () => drawing.draw(),
        pace: (next: number) => {
          pace = next;
        },
      },
      close: () => drawing.close(),
    };
  });
}

/** Reads the curve of a run, a few times a second while it goes on. */
async function openDrawing(trainer: Trainer, { settings, points }: FitSetup, context: ServeContext) {
  const { units } = settings;
  const count = points.x.length;
  const all = centred([...evenly(PLACES), ...points.x]);
  /** Everything in one array, so that one reading fetches it: answers at all places, then what each unit adds. */
  const program = await trainer.compile(
    (model: ModelInGraph, x: Node) => {
      let hidden: Node | undefined;
      const y = model.apply(x, {
        note: (path, output) => {
          if (path.startsWith("act")) hidden = output;
        },
      });
      const { weight } = model.parameters["out"] as { readonly weight: Node };
      const parts = mul(hidden as Node, reshape(weight, [1, units]));
      return concat([reshape(y, [-1]), reshape(parts, [-1])]);
    },
    [[all.length, 1]],
  );
  const { class: kind } = trainer.device.info;
  const pause = DRAW_EVERY[kind === "cpu" || kind === "software" ? kind : "gpu"];
  let [last, isReading] = [Number.NEGATIVE_INFINITY, false];

  const draw = async (): Promise<FitDrawn> => {
    const { step } = trainer;
    const values = Float32Array.from(await program.run(all).read());
    const parts = values.subarray(all.length, all.length + PLACES * units);
    return {
      step,
      curve: values.slice(0, PLACES),
      answers: values.slice(PLACES, PLACES + count),
      parts: parts.slice(),
    };
  };
  return {
    draw,
    /** Draws where it is time; the run goes on meanwhile. */
    offer(): void {
      if (isReading || performance.now() - last < pause) return;
      isReading = true;
      draw()
        .then((drawn) => context.send("drawn", drawn))
        .catch(() => {}) // the device is gone: whoever trains hears of it
        .finally(() => {
          isReading = false;
          last = performance.now();
        });
    },
    close: () => program.release(),
  };
}
