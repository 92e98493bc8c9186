import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { drawCircle } from "../../src/cli/course/circle.ts";
import { colorOf, number } from "../../src/cli/course/drawing.ts";
import { runCli } from "./ended.ts";

const folder = mkdtempSync(join(tmpdir(), "gpugrad-course-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("without a name the experiments are listed", async () => {
  const { status, stdout } = await runCli(["course"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^kernels +nine classic kernels .* 17\.3 *$/m);
  expect(stdout).toMatch(/^learn-kernel +learns a kernel .* 17\.10 *$/m);
  const { stdout: json } = await runCli(["course", "--json"]);
  expect(JSON.parse(json).map(({ name }: { name: string }) => name)).toEqual(["kernels", "learn-kernel"]);
});

test("kernels gives back the input through identity, and writes a picture", async () => {
  const out = join(folder, "kernels.png");
  const { status, stdout, stderr } = await runCli(["course", "kernels", "--json", "--out", out]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { kernels, identity, picture } = JSON.parse(stdout);
  expect(identity.maxDifference).toBe(0);
  expect(picture).toBe(out);
  const circleOf = (name: string) => kernels.find((each: { name: string }) => each.name === name).circle;
  expect(circleOf("identity")).toEqual({ min: 0, max: 1 });
  expect(circleOf("blur").max).toBeCloseTo(0.99, 6);
  expect(circleOf("Sobel-X").min).toBeCloseTo(-circleOf("Sobel-X").max, 5); // the circle is nearly the same from both sides
  const { width, height, channels, data } = decode(readFileSync(out));
  expect({ width, height, channels }).toMatchObject({ width: expect.any(Number), channels: 4 });
  expect(width).toBeGreaterThan(height);
  expect(new Set(data).size).toBeGreaterThan(200);
}, 60_000);

test("learn-kernel finds the kernel that made the picture", async () => {
  const out = join(folder, "learn.png");
  const { status, stdout } = await runCli(["course", "learn-kernel", "--json", "--kernel", "sobel-x", "--out", out]);
  const { weights, learnt, iterations, loss, losses } = JSON.parse(stdout);
  expect(status).toBe(0);
  learnt.forEach((weight: number, i: number) => {
    expect(Math.abs(weight - weights[i])).toBeLessThan(0.01);
  });
  expect(iterations).toBeLessThan(5000);
  expect(loss).toBeLessThanOrEqual(1e-7);
  expect(losses.at(-1)).toEqual([iterations, loss]);
  expect(decode(readFileSync(out)).width).toBeGreaterThan(1000);
}, 120_000);

test("the circle is smooth at its edge, has four quarters and a white rim", () => {
  const { width, height, values } = drawCircle();
  const at = (x: number, y: number) => values[y * width + x] as number;
  expect([width, height]).toEqual([80, 80]);
  expect([at(0, 0), at(20, 20), at(60, 20), at(20, 60), at(60, 60)].map((grey) => Number(grey.toFixed(2)))).toEqual([
    0, 1, 0.2, 0.5, 1,
  ]);
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
  expect(values.filter((grey) => grey > 0 && grey < 0.19).length).toBeGreaterThan(20);
});

test("colours run from blue through black to white", () => {
  expect([-2, -1, 0, 0.5, 1].map(colorOf)).toEqual([
    [79, 148, 255],
    [79, 148, 255],
    [0, 0, 0],
    [128, 128, 128],
    [255, 255, 255],
  ]);
  expect([-0, -2, 0.12345, 1234].map((value) => number(value))).toEqual(["0", "−2", "0.123", "1230"]);
});

test.each([
  [["curves"], 'course: no such experiment: "curves". Choose kernels, learn-kernel'],
  [["kernels", "--digit", "12"], 'kernels: --digit must be 0 … 9: got "12"'],
  [["learn-kernel", "--kernel", "magic"], 'learn-kernel: --kernel: no such kernel: "magic"'],
  [["learn-kernel", "--seed", "x"], 'learn-kernel: --seed must be a whole number: got "x"'],
])("%s is refused", async (argv, message) => {
  const { status, stderr } = await runCli(["course", ...argv]);
  expect(status).toBe(2);
  expect(stderr.replace(/^error: /, "").trimEnd()).toBe(message);
});

test("a picture that cannot be written is refused before the work", async () => {
  const { status, stderr } = await runCli(["course", "kernels", "--out", join(folder, "missing", "x.png")]);
  expect(status).toBe(1);
  expect(stderr).toContain("kernels: --out: no such folder:");
});
