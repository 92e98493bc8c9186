// From a function to a program: trace it on symbolic tensors, plan, create. Afterwards running it creates nothing.

import { compareRun } from "./compareRun.ts";
import type { TypedArray } from "./core/dtype.ts";
import { DataError, ShapeError } from "./core/error.ts";
import { type MapTree, mapTree } from "./core/mapTree.ts";
import { sameShape, showShape } from "./core/shape.ts";
import { leavesOf } from "./core/tree.ts";
import type { Device, ExecutableStats, Memory, Progress } from "./graph/device.ts";
import { isNode, type Node, storageOf, topological } from "./graph/node.ts";
import { memoryBehind } from "./prepare.ts";
import { emptyTensor, Tensor } from "./tensor.ts";
import { isTensorSpec, type TensorSpec, trace } from "./trace.ts";

/** What `run` of a compiled function takes for a tensor. */
export type Value = Tensor | ArrayLike<number> | number;

/** A function that runs on a device. */
export interface Compiled<Result> {
  /**
   * Runs the function. Arguments are trees like the specs, of tensors or arrays; results are handles whose values
   * the next run overwrites. Nothing is awaited.
   */
  run(...args: readonly unknown[]): MapTree<Result, Node, Tensor>;
  readonly stats: ExecutableStats;
  /** The plan in words. */
  print(): Promise<string>;
  /** Lets its memory and pipelines go; it must not run again. */
  release(): void;
}

/** How a function is compiled. */
export interface CompileOptions {
  /** Told how many of the function's pipelines are done, each time that another one is; a reference device has none. */
  readonly progress?: (progress: Progress) => void;
  /** "compare" runs each kernel beside its reference; reading a result then fails at the first that differs. Slow. */
  readonly debug?: "compare";
}

/**
 * Compiles `fn` for tensors of the given shapes.
 * @param specs one tree for each argument; leaves are `{ shape, dtype? }`, a shape, or a tensor
 * @throws ShapeError where shapes inside `fn` do not fit
 * @example
 * const double = await compile(device, (x) => mul(x, 2), [{ shape: [3] }]);
 * console.log(await double.run([1, 2, 3]).read()); // 2 4 6
 */
export async function compile<Result>(
  device: Device,
  // biome-ignore lint/suspicious/noExplicitAny: arguments are trees whose type the caller states
  fn: (...args: any[]) => Result,
  specs: readonly unknown[],
  options: CompileOptions = {},
): Promise<Compiled<Result>> {
  const traced = trace(fn, specs);
  const outputs = leavesOf(traced.result, isNode).map(({ leaf }) => leaf);
  if (outputs.length === 0) throw new DataError("compile: the function returns no tensor");
  const slots = new Map(
    traced.inputs.map((leaf) => [
      leaf,
      emptyTensor(device, { shape: leaf.shape, dtype: leaf.dtype, label: leaf.attrs["name"] as string }),
    ]),
  );
  const memoryOf = new Map<Node, Memory>();
  for (const node of topological(outputs)) {
    if (node.op.leaf) memoryOf.set(node, slots.get(node)?.memory ?? memoryBehind(device, node));
  }
  const executable = await device.prepare(
    { outputs, donations: new Map(), memoryOf, keepsAll: options.debug === "compare" },
    options.progress,
  );
  let generation = 0;
  return {
    stats: executable.stats,
    print: () => executable.print(),
    release: () => executable.release(),
    run(...args) {
      device.check("run");
      if (args.length !== specs.length) throw new DataError(`run: takes ${specs.length} arguments: got ${args.length}`);
      const given = args.flatMap((arg, i) => valuesOf(arg, specs[i]));
      traced.inputs.forEach((leaf, i) => {
        fillSlot(device, slots.get(leaf) as Tensor, given[i] as { value: Value; path: string });
      });
      const mine = ++generation;
      const ready = options.debug === "compare" && executable.walk ? compareRun(executable) : undefined;
      ready?.catch(() => {}); // whoever reads the result hears of it
      if (!ready) executable.run(1);
      let next = 0;
      return mapTree(
        traced.result,
        isNode,
        () => new Tensor(device, executable.outputs[next++] as Memory, () => generation === mine, ready),
      ) as MapTree<Result, Node, Tensor>;
    },
  };
}

/** The values of one argument in the order of its spec's leaves. */
function valuesOf(arg: unknown, spec: unknown): { value: Value; path: string }[] {
  return leavesOf<TensorSpec>(spec, isTensorSpec).map(({ path }) => {
    let value: unknown = arg;
    for (const name of path === "" ? [] : path.split("."))
      value = (value as Record<string, unknown> | undefined)?.[name];
    return { value: value as Value, path };
  });
}

function fillSlot(device: Device, slot: Tensor, { value, path }: { value: Value; path: string }): void {
  const name = path || "argument";
  if (value instanceof Tensor) {
    value.check(`run: ${name}`);
    if (!sameShape(value.shape, slot.shape) || value.dtype !== slot.dtype) {
      throw new ShapeError(
        `run: ${name} must be ${slot.dtype}${showShape(slot.shape)}: got ${value.dtype}${showShape(value.shape)}`,
      );
    }
    device.copy(value.memory, slot.memory);
    return;
  }
  const data = typeof value === "number" ? [value] : value;
  if (data === undefined || data === null || typeof data.length !== "number")
    throw new DataError(`run: ${name} is not a tensor or numbers: ${value}`);
  if (data.length !== slot.size)
    throw new ShapeError(`run: ${name} must be ${slot.dtype}${showShape(slot.shape)}: got ${data.length} numbers`);
  device.write(slot.memory, data);
}

/**
 * Computes nodes once on a device, given the elements of every input leaf below them: what tests and the doctor do.
 * Compiled again each time; use `compile` for what runs often.
 */
export async function runGraph(
  device: Device,
  outputs: readonly Node[],
  leaves: ReadonlyMap<Node, ArrayLike<number>>,
  options: { readonly debug?: "compare" } = {},
): Promise<TypedArray[]> {
  const memoryOf = new Map<Node, Memory>();
  const own: Memory[] = [];
  for (const node of topological(outputs)) {
    if (!node.op.leaf) continue;
    const data = leaves.get(node);
    if (!data) {
      memoryOf.set(node, memoryBehind(device, node));
      continue;
    }
    const { shape, dtype } = node;
    const memory = device.allocate({ shape, dtype, storage: storageOf(node) });
    device.write(memory, data);
    memoryOf.set(node, memory);
    own.push(memory);
  }
  const keepsAll = options.debug === "compare";
  const executable = await device.prepare({ outputs, donations: new Map(), memoryOf, keepsAll });
  try {
    if (keepsAll && executable.walk) {
      await compareRun(executable);
      return await Promise.all(executable.outputs.map((memory) => device.read(memory)));
    }
    const values = await executable.run(1, executable.outputs)();
    device.check("run");
    return values;
  } finally {
    executable.release();
    for (const memory of own) device.free(memory);
  }
}
