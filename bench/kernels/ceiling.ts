// What an adapter can do at most: multiplications that wait for nothing but each other, and a copy. All other figures are shares of these.
import { defineOp } from "../../src/graph/define.ts";
import type { Node, Spec } from "../../src/graph/node.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { type KernelCase, kernel } from "./kernel.ts";

const THREADS = 64;
const ROUNDS = 512;
/** Numbers that a thread keeps going at once: enough to hide how long one multiplication takes. */
const KEPT = 64;
const ROWS = 4096;

const each = (write: (k: number) => string) => Array.from({ length: KEPT / 4 }, (_, k) => write(k)).join("\n");

/** x ← x / 2 + y, over and over: 16 vectors of 4 a thread, nothing read or written between. */
const SHADER = `
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup_index(group, groups) * ${THREADS}u + lane;
  if (row >= sizes.rows) { return; }
  let y = load_x(row);
  ${each((k) => `var v${k} = vec4f(y, y + ${k}.0f, y - 1.0f, 1.0f);`)}
  for (var round = 0u; round < sizes.rounds; round++) {
    ${each((k) => `v${k} = fma(v${k}, vec4f(0.5f), vec4f(y));`)}
  }
  let total = ${Array.from({ length: KEPT / 4 }, (_, k) => `v${k}`).join(" + ")};
  store_y(row, total.x + total.y + total.z + total.w);
}`;

const chain = defineOp({
  name: "fmaChain",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
  reference: ([x]) => (x as Float64Array).map((y) => KEPT * 2 * y), // where x / 2 + y comes to rest
  kernel: {
    raw: [],
    build: () => ({
      file: "fmaChain",
      shader: SHADER,
      sizes: { rows: ROWS, rounds: ROUNDS },
      workgroups: ROWS / THREADS,
    }),
  },
  tolerance: { relative: 1e-5, absolute: 1e-5 },
});

/** Two operations each time. */
export const FMA_CHAIN: KernelCase = kernel("fma-chain", [[ROWS]], (x) => chain([x as Node], {}), {
  flops: 2 * KEPT * ROUNDS * ROWS,
});

/** 16 MiB are read and written. */
export const COPY: KernelCase = kernel("copy", [[2 ** 22]], (x) => add(x as Node, 1));
