// Loops written out, as text.
import { expect, test } from "vitest";
import { unrolled } from "../../src/wgsl/unroll.ts";

const known = new Map([["BLOCK", 4]]);
const lines = (text: string) => unrolled(text, 8, known).replace(/\s+/g, " ").trim();

test("a short loop is written out with numbers for its counter, fields of that name left alone", () => {
  expect(lines("for (var k = 1u; k < 3u; k++) { y += a[k] * v.k; }")).toBe(
    "{ y += a[1u] * v.k; } { y += a[2u] * v.k; }",
  );
});

test("an inner loop may depend on the outer one and on constants", () => {
  const inner = "for (var c = block; c < min(6u, block + BLOCK); c++) { f(c); }";
  expect(lines(`for (var block = 0u; block < 6u; block += BLOCK) { ${inner} }`)).toBe(
    "{ { f(0u); } { f(1u); } { f(2u); } { f(3u); } } { { f(4u); } { f(5u); } }",
  );
});

test.each([
  ["longer than asked for", "for (var i = 0u; i < 9u; i++) { f(i); }"],
  ["of a length known at run time", "for (var i = 0u; i < sizes.n; i++) { f(i); }"],
  ["left early", "for (var i = 0u; i < 2u; i++) { if (f(i)) { break; } }"],
  ["that counts by itself", "for (var i = 0u; i < 2u; i++) { i += 1u; }"],
])("a loop %s stays", (_, text) => {
  expect(lines(text)).toBe(text);
});
