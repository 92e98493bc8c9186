import { expect, test } from "vitest";
import type { Calls } from "../../src/check/count.ts";
import { StepCosts } from "../../src/cli/start/costs.ts";

/** Calls that a test makes up as it goes. */
function fakeCalls() {
  const calls = { dispatches: 0, submits: 0, created: 0, writes: 0 };
  const make = (more: Partial<Calls>) => {
    for (const [name, count] of Object.entries(more)) calls[name as keyof Calls] += count;
  };
  return { costs: new StepCosts(() => ({ ...calls })), make };
}

test("what a step costs leaves out the warm-up and whatever runs while counting pauses", () => {
  const { costs, make } = fakeCalls();
  costs.resume();
  make({ created: 30, writes: 9 }); // compilation
  make({ dispatches: 70, submits: 1, created: 2, writes: 1 }); // the first 10 steps, and buffers to read them back
  make({ dispatches: 70, submits: 1, writes: 1 }); // 10 more, in flight when the first come back
  costs.onStep();
  make({ dispatches: 140, submits: 2, writes: 2 });
  costs.onStep();
  costs.pause();
  make({ dispatches: 500, submits: 5, created: 40, writes: 50 }); // a test of the network
  costs.resume();
  make({ dispatches: 140, submits: 2, writes: 3 });
  costs.pause();
  expect(costs.perStep(60)).toEqual({
    dispatchesPerStep: 7,
    submitsPerStep: 0.1,
    createdPerStep: 0,
    writesPerStep: 0.125,
  });
});

test("one object made in a step shows", () => {
  const { costs, make } = fakeCalls();
  costs.resume();
  make({ dispatches: 7 });
  costs.onStep();
  make({ dispatches: 70, created: 1 });
  costs.pause();
  expect(costs.perStep(11).createdPerStep).toBe(0.1);
});

test("without a GPU there is nothing to count", () => {
  expect(new StepCosts().perStep(10)).toEqual({
    dispatchesPerStep: null,
    submitsPerStep: null,
    createdPerStep: null,
    writesPerStep: null,
  });
});
