// How much a driver has to compile, told from text.
import { expect, test } from "vitest";
import { inlinedLength } from "../../src/wgsl/inlined.ts";

test("a function counts wherever it is called, with what it calls itself; what nobody calls does not", () => {
  const inner = "fn inner(x: u32) -> u32 { return x * 3u; }";
  const outer = "fn outer(x: u32) -> u32 { return inner(x) + inner(x + 1u); }";
  const main = "fn main() { if (true) { y[0] = outer(1u); } y[1] = outer(2u); y[2] = inner(3u) + min(4u, 5u); }";
  const module = [inner, "fn unused() { _ = outer(1u); }", outer, "@compute @workgroup_size(1)", main].join("\n");
  expect(inlinedLength(module)).toBe(main.length + 2 * (outer.length + 2 * inner.length) + inner.length);
});
