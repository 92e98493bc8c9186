// The one place where the adapter computes: a graph and the elements of its leaves in, the elements of its roots out. `GPUGRAD_DEVICE` says
// where, `GPUGRAD_KERNELS` with whose kernels; without a GPU, or with "cpu", that is the float64 reference, whose floats are rounded to f32.
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Device, Memory } from "../../src/graph/device.ts";
import { type Node, storageOf, topological, type Values } from "../../src/graph/node.ts";
import { findGpu } from "../../src/node/find.ts";
import { type KernelFamily, openDevice } from "../../src/open.ts";
import { constantData } from "../../src/ops/constant.ts";

let opened: Promise<{ name: string; device: Device | undefined }> | undefined;

async function open(): Promise<{ name: string; device: Device | undefined }> {
  const { device: name, gpu } = await findGpu(process.env["GPUGRAD_DEVICE"] || "cpu");
  const kernels = (process.env["GPUGRAD_KERNELS"] || "auto") as KernelFamily;
  return { name, device: gpu && (await openDevice({ gpu, kernels })) };
}

/** Where `compute` runs: "cpu", or which GPU. */
export async function device(): Promise<string> {
  opened ??= open();
  return (await opened).name;
}

/** Lets the GPU go, so that Node can exit. */
export async function close(): Promise<void> {
  (await opened)?.device?.close();
  opened = undefined;
}

/** A graph made ready to be computed again and again. */
export interface Program {
  run(leaves: ReadonlyMap<Node, Values>): Promise<Values[]>;
  release(): void;
}

export async function program(roots: readonly Node[]): Promise<Program> {
  opened ??= open();
  const { device: gpu } = await opened;
  return gpu ? onDevice(gpu, roots) : { run: async (leaves) => onCpu(roots, leaves), release: () => {} };
}

/** The elements of `roots`, once. */
export async function compute(roots: readonly Node[], leaves: ReadonlyMap<Node, Values>): Promise<Values[]> {
  if (roots.length === 0) return [];
  const once = await program(roots);
  try {
    return await once.run(leaves);
  } finally {
    once.release();
  }
}

function elementsOf(leaf: Node, leaves: ReadonlyMap<Node, Values>): ArrayLike<number> {
  const values = leaves.get(leaf) ?? constantData(leaf);
  if (!values) throw new Error(`no values for input "${leaf.attrs["name"]}"`);
  return values;
}

function onCpu(roots: readonly Node[], leaves: ReadonlyMap<Node, Values>): Values[] {
  const results = evaluate(roots, (leaf) => Float64Array.from(elementsOf(leaf, leaves)));
  return results.map((values, i) => (roots[i]?.dtype === "f32" ? values.map(Math.fround) : values));
}

async function onDevice(gpu: Device, roots: readonly Node[]): Promise<Program> {
  const memoryOf = new Map<Node, Memory>();
  for (const node of topological(roots)) {
    if (node.op.leaf)
      memoryOf.set(node, gpu.allocate({ shape: node.shape, dtype: node.dtype, storage: storageOf(node) }));
  }
  const executable = await gpu.prepare({ outputs: roots, donations: new Map(), memoryOf });
  return {
    async run(leaves) {
      for (const [leaf, memory] of memoryOf) gpu.write(memory, elementsOf(leaf, leaves));
      const values = await executable.run(1, executable.outputs)();
      gpu.check("compute");
      return values.map((data) => Float64Array.from(data));
    },
    release() {
      executable.release();
      for (const memory of memoryOf.values()) gpu.free(memory);
    },
  };
}
