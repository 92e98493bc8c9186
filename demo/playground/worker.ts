// The worker: device, trainer and pictures. Between the steps of a run it computes the map with the model as it is, and paints it from
// where it lies; a few times a second it reads losses, weights and gradients.
import {
  type Compiled,
  concat,
  createTrainer,
  type Dataset,
  type Device,
  gpuDeviceOf,
  type Node,
  openDevice,
  type ServeContext,
  serveTrainer,
  type Trainer,
} from "gpugrad";
import { batchOf, lossOf, modelOf, optimizerOf, penaltyOf, setOf } from "./build.ts";
import { gridOf } from "./frame.ts";
import { histogram } from "./histogram.ts";
import { middleOf, probe, type Space, space, specsOf, view } from "./live.ts";
import type { Painter } from "./paint.ts";
import { flatPainter } from "./paintFlat.ts";
import { gpuPainter } from "./paintGpu.ts";
import type { Canvases, Looks, ProbeMessage, Setup } from "./protocol.ts";

const PROBE_EVERY = 250; // ms
/** Steps that come late are made up for, those of a quarter of a second at most. */
const MOST_OWED = 250; // ms
/** What one thread computes in a step that is one dispatch, by careful guess. */
const FLOPS_PER_MS = { software: 300_000, gpu: 500_000 };
/** At least so long between two frames: enough for the eye, and most of the time is left to training. */
const FRAME_EVERY = { gpu: 16, software: 30, cpu: 250 }; // ms
/** Places in a row of the map: one more than a multiple of 8, so that every so many-th is a line of the hidden space. */
const SIDES = { gpu: 65, software: 49, cpu: 33 };
/** … and where motion is to be reduced. */
const CALM = 600; // ms

let device: Device | undefined;
let canvases: Canvases | undefined;
let painter: Painter | undefined;
let lastSetup: Setup | undefined;

/** The device, opened once and again when it was lost; painters belong to one. */
async function deviceForPictures(): Promise<Device> {
  if (device && !device.isClosed && !device.failure) return device;
  device = await openDevice({ device: "auto" });
  const gpu = gpuDeviceOf(device);
  painter = gpu
    ? gpuPainter(gpu, canvases as Canvases, { isCopied: device.info.class === "software" })
    : flatPainter(canvases as Canvases);
  return device;
}

serveTrainer<Setup>(self, async (setup, context) => {
  const isAgain = setup === lastSetup; // its device was lost
  lastSetup = setup;
  canvases = setup.canvases ?? canvases;
  const on = await deviceForPictures();
  const { settings, points, held } = setup;
  const set = setOf(settings, points);
  const test = held && setOf(settings, held);
  const penalty = penaltyOf(settings);
  const trainer = await createTrainer(on, modelOf(settings, points), {
    ...{ input: [2], seed: settings.seed, loss: lossOf(settings, points), optimizer: optimizerOf(settings) },
    ...(penalty ? { penalty } : {}),
  });
  const batchSize = batchOf(settings, set.count);
  if (isAgain) await trainer.prepare(set, { batchSize }); // the canvases still show the last pictures: training comes first
  const pictures = openPictures(trainer, setup, [set, ...(test ? [test] : [])], context);
  pictures.catch((error) => {
    if (!on.failure && !on.isClosed) throw error; // whoever trains hears of a loss
  });
  if (!isAgain) await pictures;
  let { pace } = settings;
  let [due, before] = [0, trainer.step];
  const budget = 8; // ms: half a frame
  /** Steps of a submission. The library would find them from how long steps take, but frames of ours come between and look like long steps. */
  const stepsPerSubmit = () => {
    if (pace > 0) return { stepsPerSubmit: Math.ceil(pace / 30), reportEvery: 0 };
    if (!trainer.stats?.stepsPerDispatch) return {}; // a dispatch for each op: long steps they are
    const work = 6 * batchSize * trainer.parameterCount; // FLOPs of a step, forward and backward
    const fitting = (budget * FLOPS_PER_MS[on.info.class === "software" ? "software" : "gpu"]) / work;
    return { stepsPerSubmit: Math.round(Math.min(512, Math.max(4, fitting))) };
  };
  return {
    ...{ trainer, set },
    /** At a pace, submissions are short, and each waits until its steps are due. */
    get fit() {
      return { batchSize, budget, ...stepsPerSubmit() };
    },
    onReport({ totalSteps }) {
      if (pace === 0) return undefined;
      const now = performance.now();
      const steps = Math.max(0, totalSteps - before);
      due = Math.max(due, now - MOST_OWED) + (1000 * steps) / pace;
      before = totalSteps;
      return due > now ? new Promise((resolve) => setTimeout(resolve, Math.min(due - now, 120))) : undefined;
    },
    requests: {
      look: async () => (await pictures).look(),
      looks: async (looks: Looks) => (await pictures).change(looks),
      pace: (next: number) => {
        pace = next;
      },
    },
    close: () =>
      void pictures.then(
        ({ close }) => close(),
        () => {},
      ),
  };
});

/** Paints a run until it is closed. */
async function openPictures(trainer: Trainer, setup: Setup, sets: readonly Dataset[], context: ServeContext) {
  const { settings, points } = setup;
  const { class: kind } = trainer.device.info;
  const pace = () =>
    Math.max(looks.isCalm ? CALM : 0, FRAME_EVERY[kind === "cpu" || kind === "software" ? kind : "gpu"]);
  const side = SIDES[kind === "cpu" || kind === "software" ? kind : "gpu"];
  const grid = gridOf(side);
  const subject = { settings, points };
  const numbers = sets.flatMap(({ features, labels }) => [features, labels]);
  let looks = setup.looks;
  let isClosed = false;

  const [map, flat] = await Promise.all([
    trainer.compile(view(subject), [[side * side, 2]]),
    // all numbers of a probe in one array, so that one reading fetches them
    trainer.compile((model, ...given) => {
      const { scores, weights, gradients, spans } = probe(subject)(model, ...given);
      return concat([scores, weights, gradients, spans], 0);
    }, sets.flatMap(specsOf)),
  ]);

  let hidden: { layer: number; of: Compiled<Space<Node>> } | undefined;
  const hiddenFor = async (layer: number) => {
    if (layer < 1 || layer > settings.layers.length) return undefined;
    if (hidden?.layer === layer) return hidden.of;
    const specs = [[side * side, 2], [points.count, 2], [points.count]];
    const of = await trainer.compile(space(subject, layer), specs);
    hidden?.of.release();
    hidden = { layer, of };
    return of;
  };

  const prepare = () => painter?.prepare({ settings, points, looks, side, middle: middleOf(settings) });
  let turn = 0;
  /** Paints what is in sight, or all of it. Where the CPU paints, the map comes first and the others take turns. */
  const paint = async (isAll = false) => {
    if (!painter) return;
    const turns = kind === "software" ? ["units", "", "space", ""] : undefined;
    const isTurn = turns?.[turn++ % turns.length];
    const isWanted = (name: "map" | "units" | "space") =>
      isAll || (looks[name].isSeen && (!turns || isTurn === name || name === "map"));
    if (isWanted("map") || isWanted("units")) {
      const now = map.run(grid);
      if (isWanted("map")) await painter.map(now);
      if (isWanted("units") && settings.layers.length > 0) await painter.units(now);
    }
    const spaceOf = isWanted("space") ? await hiddenFor(looks.space.layer) : undefined;
    if (spaceOf && !isClosed) await painter.space(spaceOf.run(grid, points.x, points.y));
    await painter.done();
  };

  let lastProbe = { at: performance.now(), step: 0, frames: 0 };
  let frames = 0;
  const sizes = trainer.parameters
    .filter(({ path }) => /^(dense|out)/.test(path))
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const read = async (): Promise<ProbeMessage> => {
    const { step } = trainer;
    const values = (await flat.run(...numbers).read()) as Float32Array;
    const [loss, score, testLoss, testScore] = values as unknown as [number, number, number, number];
    let at = 2 * sets.length;
    const layersOf = (): ReturnType<typeof histogram>[] => {
      const layers: ReturnType<typeof histogram>[] = [];
      for (let i = 0; i + 1 < sizes.length; i += 2) {
        const size = (sizes[i] as number) + (sizes[i + 1] as number);
        layers.push(histogram(values.subarray(at, at + size)));
        at += size;
      }
      return layers;
    };
    const [weights, gradients] = [layersOf(), layersOf()];
    const dead = settings.layers.map((units) => {
      const own = values.subarray(at, at + units);
      at += units;
      return own.filter((span) => span < 1e-6).length;
    });
    const now = performance.now();
    const seconds = Math.max(1, now - lastProbe.at) / 1000;
    const message = {
      ...{ step, loss, score, weights, gradients, dead },
      ...(sets.length > 1 ? { testLoss, testScore } : {}),
      stepsPerSecond: Math.max(0, step - lastProbe.step) / seconds,
      framesPerSecond: (frames - lastProbe.frames) / seconds,
    };
    lastProbe = { at: now, step, frames };
    return message;
  };

  /** One thing at a time: a later run of a compiled function overwrites what an earlier one gave. */
  let queue: Promise<unknown> = Promise.resolve();
  const after = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = queue.then(work, work);
    queue = next.catch(() => {});
    return next;
  };

  let [painted, probed, isDue] = [-1, -1, true];
  const frame = async () => {
    if (isClosed) return;
    const started = performance.now();
    try {
      const { step } = trainer;
      if (isDue || step !== painted) {
        isDue = false;
        await after(() => paint());
        if (step !== painted) frames++;
        painted = step;
      }
      if (!isClosed && trainer.step !== probed && started - lastProbe.at > PROBE_EVERY) {
        const message = await after(read);
        probed = message.step;
        if (!isClosed) context.send("probe", message);
      }
    } catch (error) {
      if (isClosed || trainer.device.failure || trainer.device.isClosed) return; // whoever trains hears of it
      throw error;
    }
    nextFrame(Math.max(0, pace() - (performance.now() - started)));
  };
  const nextFrame = (wait: number) => {
    if (isClosed) return;
    if (wait > 12) setTimeout(() => requestAnimationFrame(() => void frame()), wait - 8);
    else requestAnimationFrame(() => void frame());
  };

  prepare();
  await after(() => paint(true));
  nextFrame(0);
  return {
    /** Paints and reads what is there now. */
    async look(): Promise<ProbeMessage> {
      await after(() => paint(true));
      painted = trainer.step;
      const message = await after(read);
      probed = message.step;
      return message;
    },
    change(next: Looks): Promise<void> {
      return after(async () => {
        looks = next;
        prepare();
        await paint(true);
      });
    },
    close() {
      isClosed = true;
      void after(async () => {
        for (const one of [map, flat, hidden?.of]) one?.release();
      });
    },
  };
}
