// What convolution means: worked examples with whole numbers, the identity, true convolution, and what it has to do with other ops.
import { expect, test } from "vitest";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node } from "../../src/graph/node.ts";
import { permute } from "../../src/ops/arrange.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { input } from "../../src/ops/constant.ts";
import { conv1d, conv2d, convTranspose2d } from "../../src/ops/conv.ts";
import { col2im, im2col } from "../../src/ops/im2col.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { numbers } from "../differentiate.ts";

const given = new Map<Node, ArrayLike<number>>();

/** A leaf with these elements. */
function tensor(values: ArrayLike<number>, shape: readonly number[]): Node {
  const node = input(`given ${given.size}`, shape);
  given.set(node, values);
  return node;
}

const count = (size: number) => Array.from({ length: size }, (_, i) => i);
const read = (node: Node): number[] => [
  ...(evaluate([node], (leaf) => Float64Array.from(given.get(leaf) ?? []))[0] ?? []),
];
/** Elements of a result [N, H, W, C], images first, then channels. */
const channelsFirst = (node: Node) => read(permute(node, [0, 3, 1, 2]));

// Images and filters of the worked example are given channels first: 0 … 53 as [2, 3, 3, 3] and 0 … 23 as [2, 3, 2, 2].
const images = permute(tensor(count(54), [2, 3, 3, 3]), [0, 2, 3, 1]);
const filters = permute(tensor(count(24), [2, 3, 2, 2]), [2, 3, 1, 0]);

test("two images of three channels with two filters", () => {
  const y = conv2d(images, filters);
  expect(y.shape).toEqual([2, 2, 2, 2]);
  expect(channelsFirst(y)).toEqual([
    1035, 1101, 1233, 1299, 2619, 2829, 3249, 3459, 2817, 2883, 3015, 3081, 8289, 8499, 8919, 9129,
  ]);
});

test("patches times filters are the convolution", () => {
  const columns = im2col(images, { size: 2 });
  expect(columns.shape).toEqual([2, 2, 2, 12]);
  expect(read(matmul(columns, reshape(filters, [12, 2])))).toEqual(read(conv2d(images, filters)));
});

test("gradients of the worked example", () => {
  const delta = permute(tensor(count(16), [2, 2, 2, 2]), [0, 2, 3, 1]);
  const [dx, dw] = autodiff(conv2d(images, filters), delta, [images, filters]) as [Node, Node];
  const halved = read(permute(dw, [3, 2, 0, 1])).map((value) => value / 2);
  expect(halved.slice(0, 12)).toEqual([564, 586, 630, 652, 762, 784, 828, 850, 960, 982, 1026, 1048]);
  expect(halved.slice(12)).toEqual([812, 850, 926, 964, 1154, 1192, 1268, 1306, 1496, 1534, 1610, 1648]);
  expect(channelsFirst(dx).slice(0, 9)).toEqual([48, 112, 66, 128, 296, 172, 88, 200, 114]);
});

test("one channel, with the gradient of the bias", () => {
  const x = tensor(count(9), [1, 3, 3, 1]);
  const w = tensor([0, 1, 2, 3], [2, 2, 1, 1]);
  const bias = tensor([0], [1]);
  const delta = tensor([0, 1, 2, 3], [1, 2, 2, 1]);
  const gradients = autodiff(conv2d(x, w, { bias }), delta, [x, w, bias]) as Node[];
  expect(gradients.map(read)).toEqual([[0, 0, 1, 0, 4, 6, 4, 12, 9], [19, 25, 37, 43], [6]]);
});

test("the identity kernel gives back its input", () => {
  const x = tensor(numbers(2 * 7 * 6), [2, 7, 6, 1]);
  const identity = tensor([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
  expect(read(conv2d(x, identity, { padding: "same" }))).toEqual(read(x));
});

test("flipped, it is the convolution of signal processing: the sum of two dice", () => {
  const die = Array.from({ length: 6 }, () => 1);
  const loaded = [3, 1, 1, 1, 1, 2];
  const x = tensor(die, [1, 6, 1]);
  const sums = read(conv1d(x, tensor(loaded, [6, 1, 1]), { padding: [5], flip: true }));
  expect(sums).toEqual([3, 4, 5, 6, 7, 9, 6, 5, 4, 3, 2]);
  const asymmetric = tensor([1, 2, 0, 0, 0, 0], [1, 6, 1]);
  expect(read(conv1d(asymmetric, tensor(loaded, [6, 1, 1]), { padding: [[5, 0]], flip: true }))).toEqual([
    3, 7, 3, 3, 3, 4,
  ]);
});

test("a shifted image has a shifted map", () => {
  const values = numbers(36);
  const image = (shift: number) =>
    tensor(
      Float64Array.from({ length: 64 }, (_, i) => at(values, i, shift)),
      [1, 8, 8, 1],
    );
  const at = (from: Float64Array, i: number, shift: number) => {
    const [h, w] = [Math.floor(i / 8) - 1, (i % 8) - shift];
    return h >= 0 && h < 6 && w >= 0 && w < 6 ? (from[h * 6 + w] as number) : 0;
  };
  const w = tensor(numbers(9, 2), [3, 3, 1, 1]);
  const maps = [1, 2].map((shift) => read(conv2d(image(shift), w)));
  for (let h = 0; h < 6; h++) expect(maps[1]?.slice(h * 6 + 1, h * 6 + 6)).toEqual(maps[0]?.slice(h * 6, h * 6 + 5));
});

test("transposed convolution undoes the sizes of convolution", () => {
  for (const [size, stride, padding] of [
    [3, 1, 0],
    [3, 2, 1],
    [4, 2, 1],
    [5, 3, 2],
  ] as const) {
    const x = tensor(numbers(2 * 81), [2, 9, 9, 1]);
    const y = conv2d(x, tensor(numbers(size * size), [size, size, 1, 1]), { stride, padding });
    const missing = (9 + 2 * padding - size) % stride;
    const back = convTranspose2d(y, tensor(numbers(size * size), [size, size, 1, 1]), {
      stride,
      padding,
      outputPadding: missing,
    });
    expect(back.shape).toEqual(x.shape);
  }
});

test("col2im counts how often each pixel is in a patch", () => {
  const ones = tensor(
    Array.from({ length: 16 }, () => 1),
    [1, 2, 2, 4],
  );
  expect(read(col2im(ones, { image: [3, 3], size: 2 }))).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
});
