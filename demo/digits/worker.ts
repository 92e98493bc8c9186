// Trains on MNIST for the page: begins with the first part of it, goes on with more as it arrives, and answers what the network thinks.
import {
  type Compiled,
  createTrainer,
  type Dataset,
  dataset,
  loss,
  metrics,
  mul,
  type Node,
  openDevice,
  optim,
  reshape,
  serveTrainer,
  softmax,
  type Trainer,
} from "gpugrad";
import { DigitFiles } from "./data.ts";
import { NETWORKS, PIXEL } from "./models.ts";
import {
  CLASSES,
  type DataNews,
  type Digits,
  type Look,
  type Mistake,
  PIXELS,
  type Pictures,
  type RunInfo,
  type Setup,
  SIDE,
  type Tested,
} from "./setup.ts";

/** Digits to train on before the next growth; the last is all of them. */
const GROWTHS = [20_000, 60_000];
/** How many test digits an answer takes: slow devices would do nothing else. */
const TESTS = { cpu: 100, software: 500, integrated: 5000, discrete: 10_000 } as const;
/** Digits that the CPU reference trains on. */
const FEW = 1000;
const SHOWN_UNITS = 16;
const MISTAKES = 400;

let files: Promise<DigitFiles> | undefined;
let loading: Promise<void> | undefined;

/** The files, with the first part of both sets; asked again after a failure. */
function firstParts(folder: string): Promise<DigitFiles> {
  files ??= (async () => {
    const found = await DigitFiles.open(folder);
    if (found.train.count === 0) await found.next("train");
    if (found.test.count === 0) await found.next("test");
    return found;
  })();
  files.catch(() => {
    files = undefined;
  });
  return files;
}

const setOf = ({ pixels, labels }: DigitFiles["train"], count: number): Dataset =>
  dataset(pixels.subarray(0, count * PIXELS), Int32Array.from(labels.subarray(0, count)), {
    ...{ shape: [SIDE, SIDE, 1], classes: CLASSES },
    ...PIXEL,
  });

serveTrainer<Setup>(self, async (setup, { progress, send }) => {
  const [device, digits] = await Promise.all([openDevice({ device: "auto" }), firstParts(setup.data)]);
  const isReference = device.info.class === "cpu";
  const name: RunInfo["model"] = isReference ? "small" : setup.model;
  const network = NETWORKS[name];
  const trainer = await createTrainer(device, network.model(), {
    input: [SIDE, SIDE, 1],
    loss: loss.softmaxCrossEntropy(),
    optimizer: optim.adam(setup.rate),
    metrics: [metrics.accuracy()],
    seed: setup.seed,
    onCompile: progress,
  });
  let set = setOf(digits.train, isReference ? FEW : digits.train.count);
  const news = (more: Partial<DataNews> = {}) => {
    const { bytes, ofBytes } = digits;
    const all = isReference ? FEW : digits.train.labels.length;
    send("data", { digits: set.count, ofDigits: all, bytes, ofBytes, isGrown: false, ...more } satisfies DataNews);
  };
  let isClosed = false;
  const grow = () => {
    if (isClosed || !GROWTHS.some((growth) => growth <= digits.train.count && growth > set.count)) return;
    set = setOf(digits.train, digits.train.count);
    news({ isGrown: true }); // the page pauses and resumes: the next steps are over the larger set
  };
  news();
  if (!isReference) {
    loading ??= loadRest(digits).finally(() => {
      loading = undefined;
    });
    const ticking = setInterval(() => {
      if (isClosed) return clearInterval(ticking);
      news();
      grow();
      if (digits.isWhole) clearInterval(ticking);
    }, 150);
    loading.catch((error: Error) => {
      clearInterval(ticking);
      if (!isClosed) news({ failure: error.message });
    });
  }
  const look = await looker(trainer, name);
  const info: RunInfo = { model: name, shape: network.shape, tests: TESTS[device.info.class] };
  return {
    trainer,
    get set() {
      return set;
    },
    fit: { batchSize: setup.batch },
    info,
    requests: {
      look,
      test: () => test(trainer, digits, TESTS[device.info.class]),
      digits: (indices: readonly number[]) => digitsAt(digits, indices),
    },
    close: () => {
      isClosed = true;
    },
  };
});

async function loadRest(digits: DigitFiles): Promise<void> {
  while (await digits.next("train"));
  while (await digits.next("test"));
}

/** The program that shows one digit to the network and looks at what it makes of it. */
async function looker(trainer: Trainer, name: RunInfo["model"]): Promise<(pixels: Uint8Array) => Promise<Look>> {
  const isConvolutional = name === "cnn";
  const program: Compiled<{ chances: Node; filters: Node; maps: Node }> = await trainer.compile(
    (model, x: Node) => {
      const outputs: Node[] = [];
      const scores = model.apply(x, { note: (_, y) => outputs.push(y) });
      const maps = outputs[isConvolutional ? 1 : 2] as Node; // of the first rectified layer
      const layer = model.parameters[isConvolutional ? "0" : "1"] as { readonly weight: Node };
      return { chances: softmax(scores), filters: mul(layer.weight, 1), maps: reshape(maps, maps.shape.slice(1)) };
    },
    [[1, SIDE, SIDE, 1]],
  );
  return async (pixels) => {
    const seen = Float32Array.from(pixels, (byte) => byte * PIXEL.scale + PIXEL.offset);
    const result = program.run(seen);
    const [chances, filters, maps] = await Promise.all([
      result.chances.read(),
      result.filters.read(),
      result.maps.read(),
    ]);
    return {
      chances: Array.from(chances),
      // [5, 5, 1, 8], or [784, units]: the units run fastest in both
      filters: isConvolutional
        ? unmixed(filters, 5, 5, 8, 8)
        : unmixed(filters, SIDE, SIDE, result.maps.size, SHOWN_UNITS),
      maps: isConvolutional ? unmixed(maps, 24, 24, 8, 8) : { count: 1, ...rows(maps) },
    };
  };
}

/** Pictures whose pixels lie beside each other, one after the other; the first `shown` of them. */
function unmixed(values: ArrayLike<number>, width: number, height: number, count: number, shown: number): Pictures {
  const size = width * height;
  const apart = Float32Array.from(
    { length: shown * size },
    (_, i) => values[(i % size) * count + Math.floor(i / size)] as number,
  );
  return { count: shown, width, height, values: apart };
}

/** Hidden units in rows of 16. */
const rows = (values: ArrayLike<number>) => ({
  width: 16,
  height: values.length / 16,
  values: Float32Array.from(values),
});

/** Answers for the first test digits: a matrix of counts, and which were mistaken. */
async function test(trainer: Trainer, { test: { pixels, labels, count } }: DigitFiles, most: number): Promise<Tested> {
  const used = Math.min(count, most);
  const few = setOf({ pixels, labels, count: used }, used);
  const { data } = await trainer.predict(few, { batchSize: Math.min(used, 250) });
  const counts = new Array<number>(CLASSES * CLASSES).fill(0);
  const mistakes: Mistake[] = [];
  for (let index = 0; index < used; index++) {
    const scores = data.subarray(index * CLASSES, (index + 1) * CLASSES);
    const answer = scores.indexOf(Math.max(...scores));
    const label = labels[index] as number;
    counts[label * CLASSES + answer] = (counts[label * CLASSES + answer] as number) + 1;
    if (answer !== label && mistakes.length < MISTAKES) mistakes.push({ index, label, answer });
  }
  const right = counts.reduce((sum, one, i) => sum + (i % (CLASSES + 1) === 0 ? one : 0), 0);
  return { count: used, right, counts, mistakes };
}

function digitsAt({ test: { pixels, labels, count } }: DigitFiles, indices: readonly number[]): Digits {
  const known = indices.filter((index) => index < count);
  const found = new Uint8Array(known.length * PIXELS);
  for (const [i, index] of known.entries()) {
    found.set(pixels.subarray(index * PIXELS, (index + 1) * PIXELS), i * PIXELS);
  }
  return { pixels: found, labels: known.map((index) => labels[index] as number) };
}
