// Fills the holes of a group's shader file: the functions that load its inputs and store its results, wherever the values lie.
import { WGSL_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Node, Op } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import { Body, behind, behindViews, type Module } from "./expression.ts";
import type { FourPlaces, Places } from "./places.ts";
import { fillPointwise } from "./pointwise.ts";
import { AXES, sinkOf, storeFourLines, storeLines } from "./stores.ts";

/** A group's shader file and what fills its holes. */
export interface Filled {
  readonly kernel: Kernel;
  readonly libraries: ReadonlySet<string>;
  readonly sizes: ReadonlyMap<string, number>;
  /** Constants, types and functions, in the order in which they are appended. */
  readonly appended: readonly string[];
  /** True where everything goes by vectors of four. */
  readonly isInFours: boolean;
}

/** Writes what `group` computes, values lying in `places`; or by vectors in `fours`, where they are given and all of it is elementwise. */
export function fill(group: Group, places: Places, profile: Profile, fours?: FourPlaces): Filled {
  const libraries = new Set<string>();
  const sizes = new Map<string, number>();
  const module: Module = {
    read: (node, index, offset) => places.read(node, index, offset),
    use: (library) => libraries.add(library),
    size: (value) => {
      const name = `trips_${value}`;
      sizes.set(name, value);
      return `sizes.${name}`;
    },
  };
  const { kernel, functions, isInFours } = group.kernel
    ? fillKernel(group, group.kernel, places, profile, module)
    : fillPointwise(group, places, profile, module, fours);
  for (const library of kernel.libraries ?? []) libraries.add(library);
  for (const [name, value] of Object.entries(kernel.sizes)) sizes.set(name, value);
  sizes.set("infinity_bits", 0x7f800000).set("nan_bits", 0x7fc00000);
  const appended = [
    ...Object.entries(kernel.consts ?? {}).map(
      ([name, value]) => `const ${name} = ${typeof value === "number" ? `${value}u` : value};`,
    ),
    ...Object.entries(kernel.types ?? {}).map(([name, type]) => `alias ${name} = ${type};`),
    "fn workgroup_index(group: vec3u, groups: vec3u) -> u32 { return group.x + group.y * groups.x; }",
    ...functions,
    kernel.code ?? "",
  ].filter(Boolean);
  return { kernel, libraries, sizes, appended, isInFours };
}

function fillKernel(group: Group, node: Node, places: Places, profile: Profile, module: Module) {
  const kernel = kernelOf(node, profile);
  const stores = (kernel.vectorResults ?? []).map((name) => storeFour(group, node, name, places, module));
  const functions = [...stores, ...kernelFunctions(group, node, kernel, module, places)];
  return { kernel, functions, isInFours: false };
}

function kernelOf(node: Node, profile: Profile): Kernel {
  const build = (node.op as Op).kernel?.build;
  if (!build) throw internal(`${node.op.name} has no kernel`);
  return build({ attrs: node.attrs, inputs: node.inputs, outputs: node.outputs, profile });
}

/** `store4_<name>`: by a vector where all that is stored is one, else one by one. To be written before memory is bound otherwise. */
function storeFour(group: Group, node: Node, name: string, places: Places, module: Module): string {
  const result = node.op.results.indexOf(name);
  const fours = places.fours && storeFourLines(group, result, places.fours, module, { hoists: false });
  const lines = fours
    ? [...AXES.map((axis, lane) => `let v${lane} = value.${axis};`), ...fours.body.lines, ...fours.stores]
    : AXES.map((axis, k) => `store_${name}(i + ${k}u, value.${axis});`);
  return `fn store4_${name}(i: u32, value: vec4f) {\n  ${lines.join("\n  ")}\n}`;
}

function kernelFunctions(
  group: Group,
  kernel: Node,
  { vectors = [], kept }: Kernel,
  module: Module,
  places: Places,
): string[] {
  const { op } = kernel;
  const form = op.kernel as NonNullable<Op["kernel"]>;
  const functions: string[] = [];
  kernel.inputs.forEach((input, i) => {
    const name = inputName(op, i);
    if (!vectors.includes(name)) return;
    const loaded =
      behindViews(input, (node, offset) => places.fours?.readFour(node, "i", offset)) ??
      `vec4f(${AXES.map((_, k) => `load_${name}(i + ${k}u)`)})`;
    functions.push(`fn load4_${name}(i: u32) -> vec4f { return ${loaded}; }`);
  });
  kernel.inputs.forEach((input, i) => {
    const name = inputName(op, i);
    if (form.raw?.includes(name) || Object.values(op.inPlace ?? {}).includes(i)) return;
    const body = new Body(module);
    const value = body.value(input, "i");
    if (name === kept) functions.push(keep(name, input, module));
    functions.push(
      `fn load_${name}(i: u32) -> ${WGSL_TYPE[input.dtype]} {\n  ${[...body.lines, `return ${value};`].join("\n  ")}\n}`,
    );
  });
  kernel.outputs.forEach((output, result) => {
    const name = op.results[result] as string;
    if (form.rawResults?.includes(name)) return;
    const body = new Body(module);
    const stores = storeLines(group, result, body, module, sinkOf(places));
    functions.push(
      `fn store_${name}(i: u32, value: ${WGSL_TYPE[output.dtype]}) {\n  ${[...body.lines, ...stores].join("\n  ")}\n}`,
    );
  });
  return functions;
}

/** `keep_<name>(row)`: puts a row into `kept`. Sums of as many terms are added up in one loop. */
function keep(name: string, input: Node, module: Module): string {
  const row = input.shape.at(-1) as number;
  const body = new Body(module, { row });
  const stores = Array.from({ length: row }, (_, c) => `kept[${c}] = ${body.value(input, behind("i", c))};`);
  return `fn keep_${name}(row: u32) {\n  ${[`let i = row * ${row}u;`, ...body.lines, ...stores].join("\n  ")}\n}`;
}

/** The name of input `i`: the last name of a variadic op is counted up. */
export function inputName(op: Op, i: number): string {
  const name = op.inputs[Math.min(i, op.inputs.length - 1)] as string;
  return name.endsWith("…") ? `${name.slice(0, -1)}${i - op.inputs.length + 1}` : name;
}
