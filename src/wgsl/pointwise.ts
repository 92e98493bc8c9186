// Elementwise groups: one shader file, one function that works out an element, or four of them where all lie side by side in vectors.
import pointwiseShader from "../../shaders/pointwise.wgsl?raw";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import type { Plan } from "../passes/plan.ts";
import { Bindings } from "./bindings.ts";
import { Body, type Module } from "./expression.ts";
import { sinkOf, storeLines } from "./stores.ts";

const THREADS = 64;
const MOST_PER_THREAD = 16;
/** Elements of a row from which threads take their elements from one row. */
const SHORTEST_ROW = 48;
/** Elements from which vectors are worth four times the text. */
const MANY = 65_536;

/** A group as text: what it binds, the functions of its file, and how threads share the elements. */
interface Filled {
  readonly kernel: Kernel;
  readonly functions: readonly string[];
  readonly bindings: Bindings;
}

export function fillPointwise(group: Group, plan: Plan, profile: Profile, module: Omit<Module, "read">): Filled {
  const size = sizeOf(shapeOf(group));
  const vectors = size >= MANY && size % 4 === 0 ? inFours(group, plan, module) : undefined;
  if (vectors) return { ...vectors, kernel: kernelFor(size / 4, 1, profile) };
  const bindings = new Bindings(group, plan);
  const rows = shapeOf(group)[0] ?? 1;
  const isLong = size / rows >= SHORTEST_ROW;
  const read: Module["read"] = (node, index, offset) => bindings.read(node, index, offset);
  const body = new Body({ ...module, read }, { hoists: true, ...(isLong ? { row: size / rows } : {}) });
  const stores = storeLines(group, 0, body, module, sinkOf(bindings));
  return {
    functions: functionsOf(body, stores, "i"),
    bindings,
    kernel: kernelFor(size, body.usesRow ? rows : 1, profile),
  };
}

function shapeOf({ values }: Group): Shape {
  const [[first]] = values as [[Node]];
  return first.shape;
}

function kernelFor(size: number, rows: number, { family }: Profile): Kernel {
  const row_size = size / rows;
  // what a row has in common is worked out once a thread, so that one workgroup takes a row, unless more threads are there
  const wanted =
    rows > 1 && family === "software" ? Math.ceil(row_size / THREADS) : Math.floor(row_size / (THREADS * 64));
  const per_thread = Math.max(1, Math.min(MOST_PER_THREAD, wanted));
  const chunks = Math.ceil(row_size / (THREADS * per_thread));
  return {
    file: "pointwise.wgsl",
    shader: pointwiseShader,
    sizes: { row_size, per_thread, chunks, groups: rows * chunks },
    workgroups: rows * chunks,
  };
}

/** `element` is called with an index that `head` may turn into others. */
function functionsOf(body: Body, stores: readonly string[], index: string, head: readonly string[] = []): string[] {
  const names = [...body.aheadNames];
  const fields = names.length > 0 ? names.map(([name, type]) => `${name}: ${type}`) : ["none: u32"];
  const values = names.length > 0 ? names.map(([name]) => name) : ["0u"];
  const lines = [...head, ...names.map(([name]) => `let ${name} = ahead.${name};`), ...body.lines, ...stores];
  return [
    `struct Ahead { ${fields.join(", ")} }`,
    `fn ahead(row: u32) -> Ahead {\n  ${[...body.ahead, `return Ahead(${values.join(", ")});`].join("\n  ")}\n}`,
    `fn element(${index}: u32, row: u32, ahead: Ahead) {\n  ${lines.join("\n  ")}\n}`,
  ];
}

const AXES = ["x", "y", "z", "w"] as const;
/** What the indices of the four are called until all of them turn out to be one vector's. */
const LANES = ["i0", "i1", "i2", "i3"];

/** The same, four elements a turn, what is stored read and written as vectors; undefined where something is not read at its own element. */
function inFours(group: Group, plan: Plan, module: Omit<Module, "read">): Omit<Filled, "kernel"> | undefined {
  const nodes = group.values[0] as readonly Node[];
  if (nodes.some((node) => node.dtype !== "f32" || (plan.locationOf.get(node)?.offset ?? 0) % 4 !== 0))
    return undefined;
  const bindings = new Bindings(group, plan, { inFours: true });
  const read: Module["read"] = (node, index, offset) => {
    const axis = AXES[LANES.indexOf(index)];
    const four = axis && bindings.readFour(node, offset);
    return four ? `${body.local("vec4f", four)}.${axis}` : bindings.read(node, index, offset);
  };
  const body: Body = new Body({ ...module, read }, { hoists: true });
  const lanes = new Map<Node, string[]>();
  const flags = LANES.flatMap((index) => {
    const store = (node: Node, name: string) => void lanes.set(node, [...(lanes.get(node) ?? []), name]);
    return storeLines(group, 0, body, module, { index, store, flag: (flag) => bindings.flag(flag) });
  });
  const stores = nodes.flatMap((node) => {
    const target = bindings.targetFour(node);
    return target ? [`${target} = vec4f(${lanes.get(node)?.join(", ")});`] : [];
  });
  if ([...body.ahead, ...body.lines].some((line) => /\bi[0-3]\b/.test(line))) return undefined;
  return { functions: functionsOf(body, [...stores, ...flags], "quad", ["let i = quad * 4u;"]), bindings };
}
