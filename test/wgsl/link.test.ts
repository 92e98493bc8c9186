// Modules as drivers get them.
import { expect, test } from "vitest";
import { input } from "../../src/ops/constant.ts";
import { softmaxCrossEntropy } from "../../src/ops/crossEntropy.ts";
import { schedule } from "../../src/passes/schedule.ts";
import { link } from "../../src/wgsl/link.ts";
import { SOFTWARE } from "../trainingStep.ts";

function crossEntropyOf(classes: number): string {
  const loss = softmaxCrossEntropy(input("x", [4, classes]), input("label", [4], "i32"));
  const { plan } = schedule({ outputs: [loss], donations: new Map() }, SOFTWARE);
  return plan.groups.map((group) => link(group, plan, SOFTWARE).code).join("\n");
}

test("loops of one turn are left out, others stay", () => {
  const [one, four] = [crossEntropyOf(10), crossEntropyOf(100)];
  expect(one).toContain("const WIDTH = 1u;");
  expect(one.match(/\{ const j = 0u;/g)).toHaveLength(3);
  expect(one).not.toContain("j < WIDTH");
  expect(four).toContain("const WIDTH = 4u;");
  expect(four.match(/for \(var j = 0u; j < WIDTH; j\+\+\) \{/g)).toHaveLength(3);
});
