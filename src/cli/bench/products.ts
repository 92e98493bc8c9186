// Times matrix products of any size. Some of their results are compared with the reference: all of them would take minutes.
import type { ProductShape } from "../../../bench/kernels/products.ts";
import { GpugradError } from "../../core/error.ts";
import type { Device, Executable, Memory } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { matmul } from "../../ops/matmul.ts";
import { prepare } from "../../prepare.ts";
import { emptyTensor, type Tensor, tensor } from "../../tensor.ts";
import type { Row } from "./row.ts";
import { contestant, type Timing, timedInTurns } from "./timing.ts";

const COMPARED = 64;
/** Of the sum of the absolute values of what is added up. */
const LARGEST_ERROR = 4e-6;
const MOST_RUNS = 4096;

/** A product with its factors on a device. */
export interface Product {
  readonly shape: ProductShape;
  readonly y: Node;
  /** Throws unless a sample of the results is right. */
  readonly check: (memory: Memory) => Promise<void>;
  readonly release: () => void;
}

/** Fills the factors and works out some results. */
export function productOn(device: Device, shape: ProductShape): Product {
  const { B, M, K, N, layout } = shape;
  const [transposeA, transposeB] = [layout[0] === "t", layout[1] === "t"];
  const [left, right] = [numbers(B * M * K, 1), numbers(B * K * N, 2)];
  const a = filled(device, [B, ...(transposeA ? [K, M] : [M, K])], left);
  const b = filled(device, [B, ...(transposeB ? [N, K] : [K, N])], right);
  const places = Array.from({ length: COMPARED }, (_, i) => ({
    batch: (i * 7) % B,
    m: i < 4 ? (i & 1) * (M - 1) : (i * 7919) % M,
    n: i < 4 ? (i >> 1) * (N - 1) : (i * 104729) % N,
  }));
  const expected = places.map(({ batch, m, n }) => {
    let [total, size] = [0, 0];
    for (let k = 0; k < K; k++) {
      const x = left[batch * M * K + (transposeA ? k * M + m : m * K + k)] as number;
      const term = x * (right[batch * K * N + (transposeB ? n * K + k : k * N + n)] as number);
      total += term;
      size += Math.abs(term);
    }
    return { total, size };
  });
  return {
    shape,
    y: matmul(a.node, b.node, { transposeA, transposeB }),
    async check(memory) {
      const got = await device.read(memory);
      for (const [i, { batch, m, n }] of places.entries()) {
        const { total, size } = expected[i] as (typeof expected)[number];
        const found = got[(batch * M + m) * N + n] as number;
        if (!(Math.abs(found - total) <= LARGEST_ERROR * size))
          throw new GpugradError(`bench: ${shape.name} is wrong at [${batch}, ${m}, ${n}]: ${found}, not ${total}`);
      }
    },
    release() {
      for (const { memory } of [a, b]) device.free(memory);
    },
  };
}

/** Seconds of one run, in turns of about `seconds`. */
export async function timeProgram(device: Device, executable: Executable, seconds: number): Promise<Timing> {
  const mark = tensor(device, [0]);
  const own = contestant((times) => {
    executable.run(times);
    return mark.read(); // comes back when all before it is done
  });
  await own.run(1);
  const [timing] = await timedInTurns([{ ...own, most: MOST_RUNS }], seconds);
  device.free(mark.memory);
  return timing as Timing;
}

/** Checks and measures one product. */
export async function measureProduct(device: Device, suite: string, shape: ProductShape): Promise<Row> {
  const product = productOn(device, shape);
  const executable = await prepare(device, { outputs: [product.y] });
  executable.run(1);
  await product.check(executable.outputs[0] as Memory);
  const { seconds, spread } = await timeProgram(device, executable, 0.15);
  executable.release();
  product.release();
  const { B, M, K, N } = shape;
  const { adapter } = device.info;
  const gflops = (2 * B * M * K * N) / seconds / 1e9;
  return { suite, case: shape.name, system: "gpugrad", adapter, milliseconds: 1000 * seconds, spread, gflops };
}

/** From −1 to 1, the same every time. */
function numbers(count: number, seed: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0, state = seed; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  return values;
}

function filled(device: Device, shape: readonly number[], values: Float32Array): Tensor {
  const made = emptyTensor(device, { shape, dtype: "f32" });
  made.write(values);
  return made;
}
