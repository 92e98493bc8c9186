// Dispatches of 65,535 workgroups and a few more: the most that one dimension holds, where they begin to be folded into two.
// Each case is cheap and made of whole numbers, so that its results are known exactly without computing them twice.

import { DeviceError } from "../../core/error.ts";
import type { Device, Executable } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { argmax } from "../../ops/arg.ts";
import { add, cast, remainder } from "../../ops/arithmetic.ts";
import { expand, reshape, sum } from "../../ops/broadcast.ts";
import { constant, fill, iota } from "../../ops/constant.ts";
import { conv2d, convTranspose2d } from "../../ops/conv.ts";
import { filterGradient } from "../../ops/convolution.ts";
import { cumsum } from "../../ops/cumulative.ts";
import { gather, scatterAdd } from "../../ops/gather.ts";
import { matmul } from "../../ops/matmul.ts";
import { maxPool2d } from "../../ops/maxPool.ts";
import { moments } from "../../ops/moments.ts";
import { softmax } from "../../ops/softmax.ts";
import { sumPair } from "../../ops/sumPair.ts";
import { prepare } from "../../prepare.ts";
import { emptyTensor, type Tensor } from "../../tensor.ts";
import type { Linked } from "../../wgsl/link.ts";

export interface WideReport {
  readonly name: string;
  /** Workgroups of the largest dispatch. */
  readonly workgroups: number | undefined;
  /** What was wrong. */
  readonly wrong?: string;
  /** Why it did not run. */
  readonly skipped?: string;
}

interface WideCase {
  readonly name: string;
  readonly build: (rows: number) => Node;
  /** Element i of the result. */
  readonly expected: (i: number) => number;
  /** So many rows that the workgroups grow with them from there on. */
  readonly many?: number;
}

const PRIME = 1021;
const WIDTH = 10;
const [BLOCK_ROWS, BLOCK_COLUMNS] = [8, 32] as const;

/** A whole number for each row, different in neighbouring ones. */
const value = (row: number) => row % PRIME;
const values = (rows: number) => reshape(cast(remainder(iota(rows, "u32"), PRIME), "f32"), [rows, 1]);
/** value(row) + column. */
const table = (rows: number) => add(values(rows), cast(iota(WIDTH, "u32"), "f32"));

/** One pixel and one tap. */
const POINT: Parameters<typeof filterGradient>[2] = {
  input: [1, 1],
  output: [1, 1],
  filter: [1, 1],
  stride: [1, 1],
  dilation: [1, 1],
  before: [0, 0],
  groups: 1,
};

const CASES: readonly WideCase[] = [
  { name: "pointwise", build: (rows) => add(iota(rows, "u32"), 7), expected: (i) => i + 7 },
  {
    name: "sum of rows",
    build: (rows) => sum(table(rows), 1),
    expected: (i) => WIDTH * value(i) + (WIDTH * (WIDTH - 1)) / 2,
  },
  {
    name: "means of rows",
    build: (rows) => moments(table(rows), 1).mean,
    expected: (i) => value(i) + (WIDTH - 1) / 2,
  },
  {
    name: "two sums of rows",
    build: (rows) => sumPair(table(rows), fill([rows, WIDTH], 2), [1])[1],
    expected: (i) => 2 * WIDTH * value(i) + WIDTH * (WIDTH - 1),
  },
  { name: "argmax of rows", build: (rows) => argmax(table(rows), 1), expected: () => WIDTH - 1 },
  {
    name: "cumulative sum",
    build: (rows) => cumsum(expand(values(rows), [rows, 4]), 1),
    expected: (i) => value(i >>> 2) * ((i % 4) + 1),
  },
  { name: "softmax of rows", build: (rows) => softmax(expand(values(rows), [rows, 4])), expected: () => 0.25 },
  {
    name: "scatter of 3 rows",
    build: (rows) => scatterAdd(fill([rows], 5), remainder(iota(3, "u32"), 2), cast(iota(3, "u32"), "f32")),
    expected: (i) => 5 + (i === 0 ? 2 : i === 1 ? 1 : 0), // 0 and 2 come to row 0, 1 to row 1
  },
  {
    name: "tall matrix product",
    build: (rows) => matmul(values(rows), fill([1, 1], 3)),
    expected: (i) => 3 * value(i),
  },
  {
    name: "small matrix products",
    build: (count) =>
      matmul(
        expand(reshape(values(count), [count, 1, 1]), [count, BLOCK_ROWS, 1]),
        expand(cast(iota(BLOCK_COLUMNS, "u32"), "f32"), [count, 1, BLOCK_COLUMNS]),
      ),
    many: 2 ** 12,
    expected: (i) => value(Math.floor(i / (BLOCK_ROWS * BLOCK_COLUMNS))) * (i % BLOCK_COLUMNS),
  },
  {
    name: "convolution",
    build: (images) =>
      conv2d(expand(reshape(values(images), [images, 1, 1, 1]), [images, 2, 2, 1]), fill([2, 2, 1, 4], 3)),
    expected: (i) => 4 * 3 * value(i >>> 2),
  },
  {
    name: "transposed convolution",
    build: (images) =>
      convTranspose2d(reshape(values(images), [images, 1, 1, 1]), fill([2, 2, 4, 1], 3), { stride: 2 }),
    many: 2 ** 16,
    expected: (i) => 3 * value(i >>> 4),
  },
  {
    name: "gradient of a filter",
    build: (channels) => filterGradient(reshape(values(channels), [1, 1, 1, channels]), fill([1, 1, 1, 4], 3), POINT),
    expected: (i) => 3 * value(i >>> 2),
  },
  {
    name: "largest of windows",
    build: (images) =>
      maxPool2d(reshape(add(values(images), cast(iota(4, "u32"), "f32")), [images, 2, 2, 1]), { size: 2 }),
    expected: (i) => value(i) + 3,
  },
];

const MOST = 65_535;
/** Results up to this size are looked at whole; of larger ones both ends and this many elements between. */
const WHOLE_BYTES = 2 ** 26;
const SAMPLES = 8192;

/** Runs each case just below, at and just above 65,535 workgroups. */
export async function* wideDispatches(device: Device): AsyncGenerator<WideReport, void, undefined> {
  for (const wide of CASES) {
    let workgroups: number | undefined;
    let report: WideReport | undefined;
    try {
      const rowsOf = await rowsFor(device, wide);
      const edge = rowsOf(MOST);
      const far = rowsOf(MOST + 2);
      for (const rows of [edge, edge + 1, far]) {
        const outcome = await runWide(device, wide, rows);
        workgroups = Math.max(workgroups ?? 0, outcome.workgroups);
        if (outcome.wrong) report ??= { name: wide.name, workgroups: outcome.workgroups, wrong: outcome.wrong };
      }
      if (workgroups !== undefined && workgroups <= MOST)
        report ??= { name: wide.name, workgroups, wrong: "internal: too few" };
    } catch (error) {
      const { message } = error as Error;
      const isLimit = error instanceof DeviceError && !device.failure;
      report = {
        name: wide.name,
        workgroups,
        ...(isLimit ? { skipped: `not on this device: ${message}` } : { wrong: message }),
      };
    }
    yield report ?? { name: wide.name, workgroups };
  }
}

/** How many rows fill so many workgroups of the case's largest dispatch. */
async function rowsFor(device: Device, { build, many = 2 ** 20 }: WideCase): Promise<(workgroups: number) => number> {
  const workgroupsFor = async (rows: number) => {
    const { out, executable } = await into(device, build(rows));
    executable.release();
    device.free(out.memory);
    return workgroupsOf(executable);
  };
  const [few, more] = [await workgroupsFor(many), await workgroupsFor(2 * many)];
  return (workgroups) => Math.floor(many + ((workgroups - few) * many) / (more - few));
}

/** A program that computes a node into a tensor. */
async function into(device: Device, node: Node): Promise<{ out: Tensor; executable: Executable }> {
  const out = emptyTensor(device, { shape: node.shape, dtype: node.dtype });
  try {
    return { out, executable: await prepare(device, { updates: [[out, node]] }) };
  } catch (error) {
    device.free(out.memory);
    throw error;
  }
}

function workgroupsOf(executable: Executable): number {
  const { modules } = executable as Executable & { readonly modules: readonly Linked[] };
  return Math.max(...modules.map(({ workgroups: [x, y] }) => x * y));
}

async function runWide(
  device: Device,
  { build, expected }: WideCase,
  rows: number,
): Promise<{ workgroups: number; wrong?: string }> {
  const { out, executable } = await into(device, build(rows));
  const workgroups = workgroupsOf(executable);
  try {
    executable.run(1);
    const isWhole = out.memory.bytes <= WHOLE_BYTES;
    const places = isWhole ? undefined : placesIn(out.size);
    const got = places ? await readAt(device, out, places) : await out.read();
    for (let k = 0; k < got.length; k++) {
      const i = places ? (places[k] as number) : k;
      if (got[k] === expected(i)) continue;
      return { workgroups, wrong: `${rows} rows: element ${i} is ${got[k]}, expected ${expected(i)}` };
    }
    return { workgroups };
  } finally {
    executable.release();
    device.free(out.memory);
  }
}

/** Both ends, and evenly between them. */
function placesIn(size: number): Uint32Array {
  const end = SAMPLES / 4;
  return Uint32Array.from({ length: SAMPLES }, (_, k) => {
    if (k < end) return k;
    if (k < 2 * end) return size - 1 - (k - end);
    return Math.floor(((k - 2 * end) / (SAMPLES - 2 * end)) * size);
  });
}

async function readAt(device: Device, from: Tensor, places: Uint32Array): Promise<ArrayLike<number>> {
  const executable = await prepare(device, {
    outputs: [gather(reshape(from.node, [from.size]), constant(places, [places.length], "u32"), 0)],
  });
  const [values] = await executable.run(1, executable.outputs)();
  device.check("read");
  executable.release();
  return values as ArrayLike<number>;
}
