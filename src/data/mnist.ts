// MNIST (LeCun, Cortes, Burges): 60,000 and 10,000 handwritten digits of 28 × 28 grey bytes, from its four IDX files.
import { DataError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { parseIdx } from "./idx.ts";

/** Training and test digits. */
export type Mnist = { readonly train: Dataset; readonly test: Dataset };

/** Fetches a file by its name; where it lies is the platform's business. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** The names of MNIST's four files. */
export const MNIST_FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/**
 * Loads MNIST through `read`: shape [28, 28, 1], bytes decoded to 0 … 1, ten classes.
 * In Node, `loadMnist` of "gpugrad/node" brings its own reader. Throws DataError for a file that is not what its name says.
 *
 * @example
 * const mnist = await loadMnist(async (name) => new Uint8Array(await (await fetch(`/mnist/${name}`)).arrayBuffer()));
 */
export async function loadMnist(read: ReadFile): Promise<Mnist> {
  const load = async (images: string, labels: string) => {
    const [imageBytes, labelBytes] = await Promise.all([read(images), read(labels)]);
    return digits(imageBytes, labelBytes, { images, labels });
  };
  const [train, test] = await Promise.all([
    load(MNIST_FILES.trainImages, MNIST_FILES.trainLabels),
    load(MNIST_FILES.testImages, MNIST_FILES.testLabels),
  ]);
  return { train, test };
}

/** Makes a data set of an IDX file of grey images and one of digits 0 … 9. `names` stand for the files in messages. */
export function digits(
  images: Uint8Array,
  labels: Uint8Array,
  names: { readonly images: string; readonly labels: string } = { images: "images", labels: "labels" },
): Dataset {
  const pictures = bytesOf(images, names.images, "images", 3);
  const answers = bytesOf(labels, names.labels, "labels", 1);
  const [count = 0, height = 0, width = 0] = pictures.shape;
  if (count !== answers.shape[0]) {
    throw new DataError(
      `loadMnist: counts differ: ${count} images in ${names.images}, ${answers.shape[0]} labels in ${names.labels}`,
    );
  }
  return dataset(pictures.data, answers.data, { shape: [height, width, 1], classes: 10 });
}

function bytesOf(file: Uint8Array, name: string, what: string, rank: number): { data: Uint8Array; shape: Shape } {
  const { type, shape, data } = parseIdx(file, name);
  if (type !== "u8" || shape.length !== rank) {
    throw new DataError(
      `loadMnist (${name}): the file holds no ${what}: ${type} ${showShape(shape)}, expected u8 of rank ${rank}`,
      { file: name },
    );
  }
  return { data: data as Uint8Array, shape };
}
