// Trains on MNIST for the page: begins with the first part of it, goes on with more as it arrives, and answers what the network thinks.
import {
  createTrainer,
  DataError,
  type Dataset,
  dataset,
  loss,
  metrics,
  openDevice,
  optim,
  serveTrainer,
  type Trainer,
} from "gpugrad";
import { DigitFiles } from "./data.ts";
import { looker } from "./look.ts";
import { NETWORKS, PIXEL } from "./models.ts";
import {
  CLASSES,
  type DataNews,
  type Digits,
  type Mistake,
  PIXELS,
  type RunInfo,
  type Setup,
  SHOWN_MISTAKES,
  SIDE,
  type Tested,
} from "./setup.ts";

/** Digits to train on before the next growth; the last is all of them. */
const GROWTHS = [20_000, 60_000];
/** How many test digits an answer takes: slow devices would do nothing else. */
const TESTS = { cpu: 100, software: 500, integrated: 5000, discrete: 10_000 } as const;
/** Digits that the CPU reference trains on. */
const FEW = 1000;
/** ms between two counts of the bytes that are here. */
const NEWS_EVERY = 150;

let files: Promise<DigitFiles> | undefined;
let loading: Promise<void> | undefined;

/** The files, with the first part of both sets; asked again after a failure. @throws DataError where they do not come */
function firstParts(folder: string): Promise<DigitFiles> {
  files ??= (async () => {
    const found = await DigitFiles.open(folder);
    await found.next("train");
    await found.next("test");
    return found;
  })().catch((cause: Error) => {
    files = undefined;
    throw new DataError(`digits: ${cause.message}`, { cause });
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
  /** Loads what is missing and tells of it meanwhile. The loading outlasts a run that is opened anew. */
  let isAsked = false;
  const more = () => {
    isAsked = true;
    if (isReference || digits.isWhole) return;
    loading ??= loadRest(digits).finally(() => {
      loading = undefined;
    });
    const ticking = setInterval(() => {
      if (isClosed) return clearInterval(ticking);
      news();
      grow();
      if (digits.isWhole) clearInterval(ticking);
    }, NEWS_EVERY);
    loading.catch((error: Error) => {
      clearInterval(ticking);
      if (!isClosed) news({ failure: error.message });
    });
  };
  let looking: ReturnType<typeof looker> | undefined;
  const look = async (pixels: Uint8Array) => {
    looking ??= looker(trainer, name); // once training runs: it is not to wait for this program
    return (await looking)(pixels);
  };
  const info: RunInfo = { model: name, shape: network.shape, tests: TESTS[device.info.class] };
  return {
    trainer,
    get set() {
      return set;
    },
    fit: { batchSize: setup.batch },
    /** The rest of the digits comes once training runs. */
    onReport: () => {
      if (!isAsked) more();
    },
    info,
    requests: {
      look,
      test: () => test(trainer, digits, TESTS[device.info.class]),
      digits: (indices: readonly number[]) => digitsAt(digits, indices),
      more,
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
    const times = (counts[label * CLASSES + answer] as number) + 1;
    counts[label * CLASSES + answer] = times;
    if (answer !== label && times <= SHOWN_MISTAKES) mistakes.push({ index, label, answer });
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
