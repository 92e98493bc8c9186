// The text of whole steps in one kernel: what adapters take long to compile is not written out.
import { expect, test } from "vitest";
import { smallKernel } from "../../src/ops/matmulSmall.ts";
import { schedule } from "../../src/passes/schedule.ts";
import { linkSolo } from "../../src/wgsl/solo.ts";
import { LEAST, mlp, stepOf } from "../trainingStep.ts";

test("for a thread alone, what is logged is asked for in one place however many rows a batch has", () => {
  const updates = stepOf({ model: mlp([3]), batchSize: 10, size: 2 });
  const within = { lanes: 1, isWorthStoring: () => true };
  const profile = {
    ...LEAST,
    family: "software",
    storageBuffers: 100,
    within,
    products: { kernel: smallKernel },
  } as const;
  const { plan } = schedule({ outputs: [...updates.values()], donations: updates, keepsAll: true }, profile);
  const { code } = linkSolo(plan, profile, 100) as { code: string };
  const [, group] = /(g\d+)_count_up\(/.exec(code) ?? [];
  expect(code.replace(/\/\/.*/g, "").match(new RegExp(`\\b${group}_load_value\\(`, "g"))).toHaveLength(2); // where it is declared and where it is called
});
