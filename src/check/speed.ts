// How fast a device is at the two things that training is made of: matrix products and moving memory.

import type { Device, Executable } from "../graph/device.ts";
import { neg } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { prepare } from "../prepare.ts";
import { emptyTensor, tensor } from "../tensor.ts";

/** How fast a device multiplies and copies. */
export interface Speed {
  /** 10⁹ multiplications and additions a second, in a product of two square matrices of this size. */
  readonly matmulGflops: number;
  readonly matmulSize: number;
  /** 10⁹ bytes a second, read and written, by a kernel that passes over this many. */
  readonly copyGigabytes: number;
  readonly copyBytes: number;
}

/** ms that a measurement should last. */
const LONG_ENOUGH = 150;
const REPETITIONS = 3;

/** Measures a device; takes about a second. Smaller problems are taken where the device is the CPU's own software. */
export async function measureSpeed(device: Device): Promise<Speed> {
  const isSmall = device.info.class === "software" || device.info.class === "cpu";
  const size = device.info.class === "cpu" ? 64 : isSmall ? 512 : 1024;
  const elements = device.info.class === "cpu" ? 2 ** 16 : isSmall ? 2 ** 22 : 2 ** 24;
  const square = () => emptyTensor(device, { shape: [size, size], dtype: "f32" }).node;
  const product = await prepare(device, { outputs: [matmul(square(), square())] });
  const copy = await prepare(device, { outputs: [neg(emptyTensor(device, { shape: [elements], dtype: "f32" }).node)] });
  const [productSeconds, copySeconds] = [await secondsOf(device, product), await secondsOf(device, copy)];
  product.release();
  copy.release();
  return {
    matmulGflops: (2 * size ** 3) / productSeconds / 1e9,
    matmulSize: size,
    copyGigabytes: (8 * elements) / copySeconds / 1e9,
    copyBytes: 4 * elements,
  };
}

/** Seconds of one run: the best of some measurements that are each long enough to time. */
async function secondsOf(device: Device, executable: Executable): Promise<number> {
  const mark = tensor(device, [0]);
  const time = async (times: number): Promise<number> => {
    const start = performance.now();
    executable.run(times);
    await mark.read(); // comes back when all before it is done
    return performance.now() - start;
  };
  await time(1); // compiles where the driver does that at the first dispatch
  let times = 1;
  let taken = await time(times);
  while (taken < LONG_ENOUGH / 2 && times < 4096) {
    times *= 2;
    taken = await time(times);
  }
  for (let i = 1; i < REPETITIONS; i++) taken = Math.min(taken, await time(times));
  return taken / times / 1000;
}
