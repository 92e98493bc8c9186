// Makes a graph over tensors ready to run: finds the memory behind its leaves, and hands both to the device.
import { DataError, ShapeError } from "./core/error.ts";
import { sameShape, showShape } from "./core/shape.ts";
import type { Device, Executable, Memory, Progress } from "./graph/device.ts";
import { type Node, topological } from "./graph/node.ts";
import { constantData } from "./ops/constant.ts";
import { copy } from "./ops/state.ts";
import { emptyTensor, type Tensor, tensorOf } from "./tensor.ts";

/** What a task does to memory: values to compute and tensors to overwrite with new values after each run. */
export interface Work {
  readonly outputs?: readonly Node[];
  readonly updates?: readonly (readonly [Tensor, Node])[];
  readonly progress?: ((progress: Progress) => void) | undefined;
}

/** Makes a graph over tensors (`tensor.node`) ready to run. */
export async function prepare(device: Device, work: Work): Promise<Executable> {
  const { outputs = [], updates = [], progress } = work;
  const donations = new Map<Node, Node>();
  for (const [state, value] of updates) {
    if (!sameShape(state.shape, value.shape) || state.dtype !== value.dtype) {
      throw new ShapeError(
        `compile: new state does not fit the old: ${value.dtype}${showShape(value.shape)} for ${state.dtype}${showShape(state.shape)}`,
      );
    }
    if (value !== state.node) donations.set(donations.has(value) ? copy(value) : value, state.node);
  }
  const memoryOf = new Map<Node, Memory>();
  for (const node of topological([...outputs, ...donations.keys(), ...donations.values()])) {
    if (node.op.leaf) memoryOf.set(node, memoryBehind(device, node));
  }
  return device.prepare({ outputs, donations, memoryOf }, progress);
}

const uploaded = new WeakMap<Device, WeakMap<Node, Tensor>>();

/** The memory of a leaf: its tensor's, or for a constant one that is uploaded once a device. */
export function memoryBehind(device: Device, leaf: Node): Memory {
  const known = tensorOf(leaf);
  if (known) {
    if (known.device !== device)
      throw new DataError(`compile: a tensor is on another device: ${known.dtype}${showShape(known.shape)}`);
    return known.memory;
  }
  const data = constantData(leaf);
  if (!data)
    throw new DataError(`compile: ${leaf.attrs["name"]} has no memory: it belongs to another compiled function`);
  const cache = uploaded.get(device) ?? new WeakMap<Node, Tensor>();
  uploaded.set(device, cache);
  let held = cache.get(leaf);
  if (!held) {
    held = emptyTensor(device, { shape: leaf.shape, dtype: leaf.dtype, label: "constant" });
    held.write(data);
    cache.set(leaf, held);
  }
  return held.memory;
}
