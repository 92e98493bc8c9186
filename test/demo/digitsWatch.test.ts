// How Digits looks at the network: one look at a time, and of a field that was cleared meanwhile nothing is told.
import { expect, test } from "vitest";
import type { Run } from "../../demo/digits/run.ts";
import { type Look, PIXELS } from "../../demo/digits/setup.ts";
import { watchNetwork } from "../../demo/digits/watch.ts";

const settle = () => new Promise((resolve) => setTimeout(resolve));

function watched() {
  const answers: ((look: Look) => void)[] = [];
  const told: (Uint8Array | undefined)[] = [];
  const field = { pixels: undefined as Uint8Array | undefined };
  const run = { info: {}, state: {}, ask: () => new Promise((answer) => answers.push(answer)) } as unknown as Run;
  const watch = watchNetwork(run, {
    read: () => field.pixels,
    onLook: (_, pixels) => told.push(pixels),
    onTested: () => {},
  });
  const answer = () => {
    answers.shift()?.({} as Look);
    return settle();
  };
  return { watch, field, told, answers, answer };
}

test("chances of a drawing that is gone when they come are not told", async () => {
  const { watch, field, told, answer } = watched();
  field.pixels = new Uint8Array(PIXELS);
  watch.look();
  field.pixels = undefined;
  await answer();
  expect(told).toEqual([undefined]);
});

test("what changes during a look is looked at after it", async () => {
  const { watch, field, told, answers, answer } = watched();
  watch.look();
  const drawn = new Uint8Array(PIXELS);
  field.pixels = drawn;
  for (let i = 0; i < 3; i++) watch.look();
  expect(answers).toHaveLength(1);
  await answer();
  expect(answers).toHaveLength(1);
  await answer();
  expect(told).toEqual([undefined, drawn]);
  expect(answers).toHaveLength(0);
});
