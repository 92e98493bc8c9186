// Loops written out, as text.
import { expect, test } from "vitest";
import { unrolled } from "../../src/wgsl/unroll.ts";

const known = new Map([
  ["BLOCK", 4],
  ["member", 0],
  ["LANES", 1],
]);
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

test("a loop may begin at and go on by products of constants", () => {
  expect(lines("for (var c = 1u + 4u * member; c < 6u; c += 4u * LANES) { f(c); }")).toBe("{ f(1u); } { f(5u); }");
});

test.each([
  ["longer than asked for", "for (var i = 0u; i < 9u; i++) { f(i); }"],
  ["of a length known at run time", "for (var i = 0u; i < sizes.n; i++) { f(i); }"],
  ["that begins at a value of run time", "for (var i = first + LANES; i < 2u; i++) { f(i); }"],
  ["left early", "for (var i = 0u; i < 2u; i++) { if (f(i)) { break; } }"],
  ["that counts by itself", "for (var i = 0u; i < 2u; i++) { i += 1u; }"],
])("a loop %s stays", (_, text) => {
  expect(lines(text)).toBe(text);
});
