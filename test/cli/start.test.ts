// `npm start`, as a user runs it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSafetensors } from "../../src/data/safetensors.ts";
import { runCli } from "./ended.ts";

const folder = mkdtempSync(join(tmpdir(), "gpugrad-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIELDS = [
  "model",
  "adapter",
  "epochs",
  "steps",
  "trainLoss",
  "testAccuracy",
  "seconds",
  "stepsPerSecond",
  "dispatchesPerStep",
  "submitsPerStep",
  "createdPerStep",
  "writesPerStep",
  "parity",
];

test("an interrupted run keeps what was learnt, tests it and saves it; it can be taken up again", async () => {
  const file = join(folder, "digits.safetensors");
  const argv = ["start", "--json", "--epochs", "1000", "--batch", "256", "--check", "2", "--save", file];
  const stopped = await runCli(argv, { interrupt: (output) => /^epoch 1\/1000/m.test(output) });
  expect(stopped.stderr).toContain("stopping … (Ctrl-C again ends at once)");
  expect(stopped.status).toBe(0);
  const result = JSON.parse(stopped.stdout);
  expect(Object.keys(result)).toEqual(FIELDS);
  expect(result.steps).toBeGreaterThan(0);
  expect(result.testAccuracy).toBeGreaterThan(0.5);
  const { tensors, metadata } = readSafetensors(readFileSync(file));
  expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
    ["1.weight", [784, 128]],
    ["1.bias", [128]],
    ["3.weight", [128, 10]],
    ["3.bias", [10]],
  ]);
  expect(metadata.get("layout")).toContain("dense weights [in, out]");
  expect(existsSync(`${file}.part`)).toBe(false);

  const again = await runCli(["start", "--epochs", "0", "--load", file, "--check", "3", "--json", "--quiet"]);
  expect(again.stderr.replace(/^Warning: .*\n/gm, "")).toBe("");
  const { testAccuracy, steps, parity } = JSON.parse(again.stdout);
  expect({ testAccuracy, steps }).toEqual({ testAccuracy: result.testAccuracy, steps: 0 });
  expect(parity.steps).toBe(3);
  expect(parity.maxRelativeLossError).toBeLessThan(1e-4);
}, 180_000);

test("an epoch is counted from outside: dispatches, submits, nothing made, few writes; without a terminal it prints plain lines", async () => {
  const run = await runCli(["start", "--epochs", "1", "--batch", "200", "--check", "5", "--model", "course"]);
  expect(run.status).toBe(0);
  expect(run.stderr).toMatch(
    /^course: 784 → 64 sigmoid → 16 tanh → 10, 51,450 parameters, SGD 0\.2, batch 200, seed 1$/m,
  );
  expect(run.stderr).toMatch(/^epoch 1\/1 {2}loss [\d.]+ {2}accuracy [\d.]+ % {2}test [\d.]+ % {2}[\d,.]+ steps\/s$/m);
  expect(run.stderr).not.toContain("\x1b");
  expect(run.stdout).toMatch(/^test accuracy (8|9)\d\.\d\d % {2}\(1 epoch, 300 steps in /);
  expect(run.stdout).toMatch(/^Most often mistaken: /m);
  expect(run.stdout).toMatch(/^One step: \d+ dispatches, 0\.\d+ submits, 0 objects created, 0\.\d+ writes\.$/m);
  expect(run.stdout).toMatch(/^Repeated on the CPU in float64: 5 losses agree within .* \(1e-4 allowed\)\.$/m);
  expect(Math.max(...run.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
}, 180_000);

test("a convolutional network shows its layers, and takes standardised pixels", async () => {
  const file = join(folder, "course.safetensors");
  const argv = ["start", "--model", "cnn-course", "--epochs", "1", "--batch", "1000", "--check", "2", "--save", file];
  const run = await runCli(argv);
  expect(run.status).toBe(0);
  expect(run.stderr).toMatch(/^0 {3}conv2d\(4, 3×3\) {2}\[26, 26, 4\] {10}40 {9}24,336$/m);
  expect(run.stderr).toMatch(/^ {4}total +12,336 +62,440$/m);
  expect(run.stderr).toMatch(/^cnn-course: 4 filters 3×3 → pool → .* 12,336 parameters, Adam 0\.001, at the end/m);
  expect(run.stdout).toMatch(/^test accuracy (8|9)\d\.\d\d % /);
  expect(run.stdout).toMatch(/^Repeated on the CPU in float64: 2 losses agree within .* \(2e-4 allowed\)\.$/m);
  const { metadata } = readSafetensors(readFileSync(file));
  expect(metadata.get("input")).toBe("28×28 grey, byte / 255, minus 0.1307, over 0.3081");
}, 180_000);

test.each([
  [["--epochs", "0"], 2, 'start: --epochs must be a whole number in 1 … 100000: got "0"'],
  [["--batch", "0"], 2, 'start: --batch must be a whole number in 1 … 60000: got "0"'],
  [["--seed", "one"], 2, 'start: --seed must be a whole number in 0 … 9007199254740991: got "one"'],
  [["--check", "-1"], 2, 'start: --check must be a whole number in 0 … 100000: got "-1"'],
  [
    ["--model", "gpt"],
    2,
    "option '--model <name>' argument 'gpt' is invalid. Allowed choices are mlp, course, cnn, cnn-bn, cnn-course.",
  ],
  [["--depth", "3"], 2, "unknown option '--depth'"],
  [["--load", "/nowhere/w"], 1, "start: --load: no such file: /nowhere/w"],
  [["--save", "/nowhere/w"], 1, "start: --save: no such folder: /nowhere"],
  [["--save", "src"], 1, "start: --save: this is a folder: src. Name a file in it"],
])("%s is refused in one line before anything is opened", async (argv, status, message) => {
  expect(await runCli(["start", ...argv])).toEqual({ status, stdout: "", stderr: `error: ${message}\n` });
});

test("a file that holds no weights is named", async () => {
  const file = join(folder, "letter.txt");
  writeFileSync(file, "Dear network, please learn.");
  const { status, stderr } = await runCli(["start", "--load", file]);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: readSafetensors \(.*letter\.txt\): the header is larger than the file: \d+ of 19 bytes\n$/,
  );
});

test("--help lists every option", async () => {
  const { status, stdout } = await runCli(["start", "--help"]);
  expect(status).toBe(0);
  for (const option of [
    "epochs",
    "batch",
    "seed",
    "device",
    "save",
    "load",
    "check",
    "model",
    "quiet",
    "json",
    "help",
  ]) {
    expect(stdout).toContain(`--${option}`);
  }
});
