// Makes the module of one group: the shader file, then everything filled in behind it, so that messages keep the file's line numbers.

import pointwiseShader from "../../shaders/pointwise.wgsl?raw";
import { WGSL_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Node, Op } from "../graph/node.ts";
import { floatLibrary } from "../ops/libraries.ts";
import type { Group } from "../passes/fuse.ts";
import type { Plan } from "../passes/plan.ts";
import { type Binding, Bindings } from "./bindings.ts";
import { Body, behindViews, encode, type Module } from "./expression.ts";
import { neededFrom } from "./library.ts";

/** One dispatch, ready for a device. */
export interface Linked {
  readonly label: string;
  readonly file: string;
  /** Which form of the kernel was chosen, where there are several. */
  readonly form?: string;
  readonly code: string;
  /** Binding k + 1 of group 0; binding 0 is the sizes. */
  readonly bindings: readonly Binding[];
  readonly sizes: readonly number[];
  readonly workgroups: readonly [number, number];
}

const THREADS = 64;
const MOST_PER_THREAD = 16;
/** Elements of a row from which threads take their elements from one row. */
const SHORTEST_ROW = 48;

/** The module, bindings and sizes of `group` within `plan`. */
export function link(group: Group, plan: Plan, profile: Profile): Linked {
  const bindings = new Bindings(group, plan);
  const libraries = new Set<string>();
  const sizes = new Map<string, number>();
  const module: Module = {
    read: (node, index, offset) => bindings.read(node, index, offset),
    use: (library) => libraries.add(library),
    size: (value) => {
      const name = `trips_${value}`;
      sizes.set(name, value);
      return `sizes.${name}`;
    },
  };
  let kernel: Kernel;
  let functions: string[];
  if (group.kernel) {
    kernel = kernelOf(group.kernel, profile);
    functions = kernelFunctions(group, group.kernel, kernel.vectors ?? [], module, bindings);
  } else {
    const made = pointwiseFunctions(group, module, bindings);
    functions = made.functions;
    kernel = pointwiseKernel(group, made.rows, profile);
  }
  for (const library of kernel.libraries ?? []) libraries.add(library);
  for (const [name, value] of Object.entries(kernel.sizes)) sizes.set(name, value);
  sizes.set("infinity_bits", 0x7f800000).set("nan_bits", 0x7fc00000);
  const appended = [
    `struct Sizes { ${[...sizes.keys()].map((name) => `${name}: u32`).join(", ")} }`,
    "@group(0) @binding(0) var<uniform> sizes: Sizes;",
    ...bindings.declarations(),
    ...Object.entries(kernel.consts ?? {}).map(
      ([name, value]) => `const ${name} = ${typeof value === "number" ? `${value}u` : value};`,
    ),
    ...Object.entries(kernel.types ?? {}).map(([name, type]) => `alias ${name} = ${type};`),
    "fn workgroup_index(group: vec3u, groups: vec3u) -> u32 { return group.x + group.y * groups.x; }",
    ...functions,
    kernel.code ?? "",
  ].filter(Boolean);
  const own = `${kernel.shader}\n${appended.join("\n")}`;
  return {
    label: labelOf(group),
    file: kernel.file,
    ...(kernel.form ? { form: kernel.form } : {}),
    code: `${(kernel.enables ?? []).map((name) => `enable ${name}; `).join("")}${own}\n${neededFrom(libraries, own)}\n`,
    bindings: bindings.list(),
    sizes: [...sizes.values()],
    workgroups: fold(kernel.workgroups, profile.workgroups),
  };
}

/** More workgroups than one dimension holds fold into two. */
export function fold(count: number, most: number): [number, number] {
  if (count <= most) return [count, 1];
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows];
}

function kernelOf(node: Node, profile: Profile): Kernel {
  const build = (node.op as Op).kernel?.build;
  if (!build) throw internal(`${node.op.name} has no kernel`);
  return build({ attrs: node.attrs, inputs: node.inputs, outputs: node.outputs, profile });
}

function pointwiseKernel(group: Group, rows: number, { family }: Profile): Kernel {
  const [[first]] = group.values as [[Node]];
  const row_size = sizeOf(first.shape) / rows;
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

/** The functions, and in how many rows they take the elements: 1 unless something depends on an element's row alone. */
function pointwiseFunctions(group: Group, module: Module, bindings: Bindings): { functions: string[]; rows: number } {
  const [[first]] = group.values as [[Node]];
  const rows = first.shape[0] ?? 1;
  const size = sizeOf(first.shape) / rows;
  const body = new Body(module, { hoists: true, ...(size >= SHORTEST_ROW ? { row: size } : {}) });
  const stores = storeLines(group, 0, body, bindings, module);
  const names = [...body.aheadNames];
  const fields = names.length > 0 ? names.map(([name, type]) => `${name}: ${type}`) : ["none: u32"];
  const values = names.length > 0 ? names.map(([name]) => name) : ["0u"];
  const functions = [
    `struct Ahead { ${fields.join(", ")} }`,
    `fn ahead(row: u32) -> Ahead {\n  ${[...body.ahead, `return Ahead(${values.join(", ")});`].join("\n  ")}\n}`,
    `fn element(i: u32, row: u32, ahead: Ahead) {\n  ${[...names.map(([name]) => `let ${name} = ahead.${name};`), ...body.lines, ...stores].join("\n  ")}\n}`,
  ];
  return { functions, rows: body.usesRow ? rows : 1 };
}

function kernelFunctions(
  group: Group,
  kernel: Node,
  vectors: readonly string[],
  module: Module,
  bindings: Bindings,
): string[] {
  const { op } = kernel;
  const form = op.kernel as NonNullable<Op["kernel"]>;
  const functions: string[] = [];
  const each = [0, 1, 2, 3];
  kernel.inputs.forEach((input, i) => {
    const name = inputName(op, i);
    if (!vectors.includes(name)) return;
    const loaded =
      behindViews(input, (node, offset) => bindings.readFour(node, offset)) ??
      `vec4f(${each.map((k) => `load_${name}(i + ${k}u)`)})`;
    functions.push(`fn load4_${name}(i: u32) -> vec4f { return ${loaded}; }`);
  });
  kernel.inputs.forEach((input, i) => {
    const name = inputName(op, i);
    if (form.raw?.includes(name) || Object.values(op.inPlace ?? {}).includes(i)) return;
    const body = new Body(module);
    const value = body.value(input, "i");
    functions.push(
      `fn load_${name}(i: u32) -> ${WGSL_TYPE[input.dtype]} {\n  ${[...body.lines, `return ${value};`].join("\n  ")}\n}`,
    );
  });
  kernel.outputs.forEach((output, result) => {
    const name = op.results[result] as string;
    if (form.rawResults?.includes(name)) return;
    const body = new Body(module);
    const stores = storeLines(group, result, body, bindings, module);
    functions.push(
      `fn store_${name}(i: u32, value: ${WGSL_TYPE[output.dtype]}) {\n  ${[...body.lines, ...stores].join("\n  ")}\n}`,
    );
  });
  return functions;
}

/** The name of input `i`: the last name of a variadic op is counted up. */
export function inputName(op: Op, i: number): string {
  const name = op.inputs[Math.min(i, op.inputs.length - 1)] as string;
  return name.endsWith("…") ? `${name.slice(0, -1)}${i - op.inputs.length + 1}` : name;
}

/** Computes the values that hang on one result, then stores what somebody else reads. */
function storeLines(group: Group, result: number, body: Body, bindings: Bindings, module: Module): string[] {
  const lines: string[] = [];
  for (const node of group.values[result] ?? []) {
    const isOwn = group.kernel === node || (group.kernel !== undefined && node.op.picks !== undefined);
    if (isOwn) body.give(node, "i", "value");
    const name = body.value(node, "i");
    const target = bindings.target(node, "i");
    if (target) lines.push(`${target} = ${encode(name, node.dtype)};`);
    for (const [watched, flag] of group.watches) {
      if (watched !== node) continue;
      module.use(floatLibrary);
      lines.push(`if (!is_finite(${name})) { ${bindings.flag(flag)} }`);
    }
  }
  return lines;
}

/** "matmul+relu" */
function labelOf(group: Group): string {
  const names = group.values.flat().map((node) => (node.op.picks ? undefined : node.op.name));
  return [...new Set(names.filter((name) => name !== undefined))].slice(0, 4).join("+");
}
