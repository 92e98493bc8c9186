// Makes the module of one group: the shader file, then everything filled in behind it, so that messages keep the file's line numbers.
import type { Kernel, Profile } from "../graph/form.ts";
import type { Group } from "../passes/fuse.ts";
import type { Plan } from "../passes/plan.ts";
import { type Binding, Bindings } from "./bindings.ts";
import { fill } from "./fill.ts";
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

/** The fields of the uniform buffer that holds run-time values. */
export const sizesText = (sizes: ReadonlyMap<string, number>): string =>
  `struct Sizes { ${[...sizes.keys()].map((name) => `${name}: u32`).join(", ")} }
@group(0) @binding(0) var<uniform> sizes: Sizes;`;

/** The module, bindings and sizes of `group` within `plan`. */
export function link(group: Group, plan: Plan, profile: Profile): Linked {
  const isAligned = group.values.flat().every((node) => (plan.locationOf.get(node)?.offset ?? 0) % 4 === 0);
  const fours = isAligned && !group.kernel ? new Bindings(group, plan, { inFours: true }) : undefined;
  const single = new Bindings(group, plan);
  const { kernel, libraries, sizes, appended, isInFours } = fill(group, single, profile, fours);
  const bindings = isInFours && fours ? fours : single;
  const shader = withoutSingleTurns(kernel.shader, kernel.consts);
  const own = [shader, sizesText(sizes), ...bindings.declarations(), ...appended].join("\n");
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

/** Loops of one turn, by a constant, are no loops: SwiftShader would compile them as such. Their bodies must not `break` or `continue`. */
const withoutSingleTurns = (shader: string, consts: Kernel["consts"] = {}): string =>
  shader.replace(/for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{/g, (loop, counter, turns) =>
    consts[turns] === 1 ? `{ const ${counter} = 0u;` : loop,
  );

/** More workgroups than one dimension holds fold into two. */
export function fold(count: number, most: number): [number, number] {
  if (count <= most) return [count, 1];
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows];
}

/** "matmul+relu" */
export function labelOf(group: Group): string {
  const names = group.values.flat().map((node) => (node.op.picks ? undefined : node.op.name));
  return [...new Set(names.filter((name) => name !== undefined))].slice(0, 4).join("+");
}
