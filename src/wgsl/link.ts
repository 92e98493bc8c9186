// Makes the module of one group: the shader file, then everything filled in behind it, so that messages keep the file's line numbers.

import { WGSL_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import type { Kernel, Profile } from "../graph/form.ts";
import type { Node, Op } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import type { Plan } from "../passes/plan.ts";
import { type Binding, Bindings } from "./bindings.ts";
import { Body, behindViews, type Module } from "./expression.ts";
import { neededFrom } from "./library.ts";
import { fillPointwise } from "./pointwise.ts";
import { sinkOf, storeLines } from "./stores.ts";

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

/** The module, bindings and sizes of `group` within `plan`. */
export function link(group: Group, plan: Plan, profile: Profile): Linked {
  const libraries = new Set<string>();
  const sizes = new Map<string, number>();
  const module: Omit<Module, "read"> = {
    use: (library) => libraries.add(library),
    size: (value) => {
      const name = `trips_${value}`;
      sizes.set(name, value);
      return `sizes.${name}`;
    },
  };
  const { kernel, functions, bindings } = group.kernel
    ? fillKernel(group, group.kernel, plan, profile, module)
    : fillPointwise(group, plan, profile, module);
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

/** A shader file, and the functions that load its inputs and store its results. */
function fillKernel(
  group: Group,
  node: Node,
  plan: Plan,
  profile: Profile,
  rest: Omit<Module, "read">,
): { kernel: Kernel; functions: string[]; bindings: Bindings } {
  const bindings = new Bindings(group, plan);
  const module: Module = { ...rest, read: (node, index, offset) => bindings.read(node, index, offset) };
  const kernel = kernelOf(node, profile);
  return { kernel, functions: kernelFunctions(group, node, kernel.vectors ?? [], module, bindings), bindings };
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
    const stores = storeLines(group, result, body, module, sinkOf(bindings));
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

/** "matmul+relu" */
function labelOf(group: Group): string {
  const names = group.values.flat().map((node) => (node.op.picks ? undefined : node.op.name));
  return [...new Set(names.filter((name) => name !== undefined))].slice(0, 4).join("+");
}
