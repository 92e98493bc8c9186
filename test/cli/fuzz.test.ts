import { expect, test } from "vitest";
import { sample } from "../../src/check/sample.ts";
import { fuzzRow, Opener } from "../../src/cli/fuzz/random.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import type { Node } from "../../src/graph/node.ts";
import { exp } from "../../src/ops/unary.ts";
import { runCli } from "./ended.ts";

const fuzz = (...args: string[]) => runCli(["fuzz", ...args]);

test("random shapes of an op agree with the reference, on a device that folds its dispatches, too", async () => {
  const { status, stdout } = await fuzz("--op", "matmul,sum", "--turns", "14", "--json");
  const { reports, isWell } = JSON.parse(stdout);
  expect(isWell).toBe(true);
  expect(status).toBe(0);
  expect(reports.map(({ op, turns }: { op: string; turns: number }) => [op, turns])).toEqual([
    ["matmul", 14],
    ["sum", 14],
  ]);
});

test("what cannot be meant is refused", async () => {
  const { status, stderr } = await fuzz("--op", "add,nothing");
  expect([status, stderr]).toEqual([2, 'error: fuzz: --op: no such function: "nothing"\n']);
  expect((await fuzz("--turns", "many")).stderr).toBe('error: fuzz: --turns must be a whole number: got "many"\n');
});

test("a mistake is told with the command that shows it again", async () => {
  const wrong = new CpuDevice();
  const read = wrong.prepare.bind(wrong);
  wrong.prepare = async (task) => {
    const executable = await read(task);
    const run = executable.run.bind(executable);
    executable.run = (times, fetch) => async () =>
      (await run(times, fetch)()).map((values) => values.map((x) => x + 1));
    return executable;
  };
  const random = () => sample([[3]], (x) => exp(x as Node));
  const row = { samples: [], refusals: [], random };
  const { mismatches } = await fuzzRow(
    [new Opener(async () => wrong, "")],
    "exp",
    row,
    { seed: 4, first: 0, count: 1 },
    () => {},
  );
  expect(mismatches.length).toBe(2); // and its gradient
  expect(mismatches[0]?.message).toMatch(/^turn 0: \[3\]: exp \[3\] at \d: got .*, expected .*, .* × the allowed/);
  expect(mismatches[0]?.repeat).toBe("npm run fuzz -- --op exp --seed 4 --turn 0");
});
