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

/** ms from one growth of the training set to the next: each compiles the step again. The last one, to all digits, comes at once. */
const GROWS_EVERY = 5000;
/** ms to breathe between two files: unpacking them leaves training little time on small machines. */
const BREATH = 250;
/** How many test digits an answer takes: slow devices would do nothing else. */
const TESTS = { cpu: 100, software: 500, integrated: 5000, discrete: 10_000 } as const;
/** How many of them it takes at a time: training and a pause wait for one such lot at most. */
const LOTS = { cpu: 100, software: 50, integrated: 250, discrete: 250 } as const;
/** Digits that the CPU reference trains on. */
const FEW = 1000;
/** ms between two reports where the device computes on the cores that draw the page. */
const REPORTS_EVERY = 100;
/** ms between two counts of the bytes that are here. */
const NEWS_EVERY = 300;

let files: Promise<DigitFiles> | undefined;
let loading: Promise<void> | undefined;

/** The files, with the first digits to train on; no step waits for the first ones of the test. Asked again after a failure. @throws DataError */
function openFiles(folder: string): Promise<DigitFiles> {
  files ??= (async () => {
    const found = await DigitFiles.open(folder);
    await found.next("train");
    found.firstTests().catch(() => {}); // told to whoever asks for them
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
  const [device, digits] = await Promise.all([openDevice({ device: "auto" }), openFiles(setup.data)]);
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
  let grown = performance.now();
  const grow = () => {
    const { count, labels } = digits.train;
    const isDue = count === labels.length || performance.now() - grown > GROWS_EVERY;
    if (count === set.count || !isDue) return;
    grown = performance.now();
    set = setOf(digits.train, count);
    news({ isGrown: true }); // the page pauses and resumes: the next steps are over the larger set
  };
  news();
  /** Loads what is missing and tells of it meanwhile. The loading outlasts a run that is opened anew. */
  let isAsked = false;
  const more = () => {
    isAsked = true;
    if (isReference) return;
    if (digits.isWhole) return grow(); // they came for a run that was open before
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
    fit: { batchSize: setup.batch, ...(device.info.class === "software" ? { reportEvery: REPORTS_EVERY } : {}) },
    info,
    requests: {
      look,
      test: async () => {
        try {
          await digits.firstTests();
          return await test(trainer, digits, device.info.class);
        } finally {
          if (!isAsked) more(); // once both programs are there: all at once they leave training no time on small machines
        }
      },
      digits: async (indices: readonly number[]) => {
        await digits.firstTests();
        return digitsAt(digits, indices);
      },
      more,
    },
    close: () => {
      isClosed = true;
    },
  };
});

async function loadRest(digits: DigitFiles): Promise<void> {
  const breathe = () => new Promise((resolve) => setTimeout(resolve, BREATH));
  await digits.firstTests();
  while (await digits.next("train")) await breathe();
  while (await digits.next("test")) await breathe();
}

/** Answers for the first test digits: a matrix of counts, and which were mistaken. */
async function test(
  trainer: Trainer,
  { test: { pixels, labels, count } }: DigitFiles,
  on: keyof typeof TESTS,
): Promise<Tested> {
  const used = Math.min(count, TESTS[on]);
  const few = setOf({ pixels, labels, count: used }, used);
  const { data } = await trainer.predict(few, { batchSize: Math.min(used, LOTS[on]) });
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
