// Runs a program one dispatch at a time, for whoever looks at values on the way.
import type { TypedArray } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import type { WalkWatcher } from "../graph/device.ts";
import { type Node, storageOf } from "../graph/node.ts";
import { trafficOf } from "../passes/order.ts";
import type { Plan } from "../passes/plan.ts";
import type { GpuDevice } from "./device.ts";
import type { ReadBack } from "./memory.ts";

/** The program to be walked through. */
export interface Walked {
  readonly device: GpuDevice;
  readonly readBack: ReadBack;
  readonly plan: Plan;
  readonly buffers: readonly GPUBuffer[];
  /** Adds a pass for one dispatch. */
  readonly encode: (encoder: GPUCommandEncoder, dispatch: number) => void;
}

/** Runs once; `watch` is told before each dispatch and gives what to do after it. */
export async function walk({ device, readBack, plan, buffers, encode }: Walked, watch: WalkWatcher): Promise<void> {
  const { raw } = device;
  const { fusion, groups, locationOf } = plan;
  const read = async (node: Node): Promise<TypedArray> => {
    const { memory, offset } = locationOf.get(node) as { memory: number; offset: number };
    const buffer = buffers[memory] as GPUBuffer;
    const encoder = raw.createCommandEncoder();
    const size = offset + sizeOf(node.shape);
    const reading = readBack.copy(encoder, { ...node, storage: storageOf(node), size, bytes: buffer.size, buffer });
    raw.queue.submit([encoder.finish()]);
    return (await reading()).subarray(offset);
  };
  for (const [i, group] of groups.entries()) {
    const after = await watch({ kernel: group.kernel, ...trafficOf(group, fusion) }, read);
    const encoder = raw.createCommandEncoder();
    encode(encoder, i);
    raw.queue.submit([encoder.finish()]);
    await after();
  }
}
