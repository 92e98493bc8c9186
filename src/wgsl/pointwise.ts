// Elementwise groups: one shader file, one function that works out an element, or four of them where all lie side by side in vectors.
import pointwiseShader from "../../shaders/pointwise.wgsl?raw";
import { sizeOf } from "../core/shape.ts";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import { Body, type Module } from "./expression.ts";
import type { FourPlaces, Places } from "./places.ts";
import { sinkOf, storeFourLines, storeLines } from "./stores.ts";

/** Elements of a workgroup. */
const MOST = 1024;
/** Elements of a row from which threads take their elements from one row. */
const SHORTEST_ROW = 48;
/** Elements from which vectors are worth four times the text. */
const MANY = 65_536;

/** The functions of a group's file, and how threads share the elements. */
interface Elements {
  readonly kernel: Kernel;
  readonly functions: readonly string[];
  readonly isInFours: boolean;
}

export function fillPointwise(
  group: Group,
  places: Places,
  profile: Profile,
  module: Module,
  fours: FourPlaces | undefined,
): Elements {
  const [[{ shape }]] = group.values as [[Node]];
  const size = sizeOf(shape);
  const [rows = 1] = shape;
  const row = size / rows;
  const isLong = row >= SHORTEST_ROW && !profile.within;
  const options = { hoists: true, row: isLong ? row : undefined };
  const isWorthFours = size % 4 === 0 && (isLong || size >= MANY);
  const lines = isWorthFours && fours && storeFourLines(group, 0, fours, module, options);
  if (lines && (lines.body.usesRow || size >= MANY)) {
    const functions = functionsOf(lines.body, lines.stores, "quad", ["let i = quad * 4u;"]);
    return { functions, kernel: kernelFor(size / 4, lines.body.usesRow ? rows : 1, profile), isInFours: true };
  }
  const body = new Body(module, options);
  const stores = storeLines(group, 0, body, module, sinkOf(places));
  const kernel = kernelFor(size, body.usesRow ? rows : 1, profile);
  return { functions: functionsOf(body, stores, "i"), kernel, isInFours: false };
}

function kernelFor(size: number, rows: number, { family }: Profile): Kernel {
  const row_size = size / rows;
  // what all elements have in common is worked out once a thread, so threads take many, as long as all are busy; of a row, few take all if they can
  const isSoftware = family === "software";
  const [THREADS, wanted] =
    isSoftware && rows > 1 ? [16, row_size / 16] : [64, Math.floor(row_size / MOST / (isSoftware ? 1 : 4))];
  const per_thread = Math.max(1, Math.min(MOST / THREADS, Math.ceil(wanted)));
  const chunks = Math.ceil(row_size / (THREADS * per_thread));
  return {
    file: "pointwise.wgsl",
    shader: pointwiseShader,
    elements: true,
    consts: { THREADS, CHUNKS: rows > 1 ? chunks : 2 ** 32 - 1 },
    sizes: { row_size, per_thread, groups: rows * chunks },
    workgroups: rows * chunks,
  };
}

/** `element` is called with an index that `head` may turn into others. */
function functionsOf(body: Body, stores: readonly string[], index: string, head: readonly string[] = []): string[] {
  const names = [...body.aheadNames];
  const fields = ["none: u32", ...names.map(([name, type]) => `${name}: ${type}`)]; // a struct has one at least
  const values = ["0u", ...names.map(([name]) => name)];
  const lines = [...head, ...names.map(([name]) => `let ${name} = ahead.${name};`), ...body.lines, ...stores];
  return [
    `struct Ahead { ${fields.join(", ")} }`,
    `fn ahead(row: u32) -> Ahead {\n  ${[...body.ahead, `return Ahead(${values.join(", ")});`].join("\n  ")}\n}`,
    `fn element(${index}: u32, row: u32, ahead: Ahead) {\n  ${lines.join("\n  ")}\n}`,
  ];
}
