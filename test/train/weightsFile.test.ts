import { expect, test } from "vitest";
import { readSafetensors } from "../../src/data/safetensors.ts";
import { writeSafetensors } from "../../src/data/safetensorsWriter.ts";
import { packWeights, unpackWeights } from "../../src/train/weightsFile.ts";
import { errorOf } from "../errorOf.ts";

const WEIGHTS = {
  "0.weight": { shape: [2, 3], data: Float32Array.of(1, -2, 3, -4, 5, -6) },
  "0.bias": { shape: [3], data: Float32Array.of(0.1, 0.2, 0.3) },
};

test("weights come back from a file as they were, with their layout in its notes", () => {
  const file = packWeights(WEIGHTS, { model: "tiny" });
  expect(unpackWeights(file)).toEqual(WEIGHTS);
  const { metadata } = readSafetensors(file);
  expect(metadata.get("model")).toBe("tiny");
  expect(metadata.get("layout")).toBe(
    "row-major f32; dense weights [in, out], y = x·W + b; filters [height, width, in, out]",
  );
});

test("float64 weights of others are rounded to f32", () => {
  const file = writeSafetensors([["w", { shape: [2], data: Float64Array.of(0.1, 2) }]]);
  expect(unpackWeights(file)).toEqual({ w: { shape: [2], data: Float32Array.of(0.1, 2) } });
});

test("whole numbers and foreign layouts are refused with the file's name", () => {
  const whole = writeSafetensors([["w", { shape: [2], data: Int32Array.of(1, 2) }]]);
  expect(errorOf(() => unpackWeights(whole, "a.safetensors"))).toBe(
    'DataError: unpackWeights (a.safetensors): tensor "w" holds no floating-point numbers: I32',
  );
  const foreign = packWeights(WEIGHTS, { layout: "[out, in]" });
  expect(errorOf(() => unpackWeights(foreign, "b.safetensors"))).toMatch(
    /^DataError: unpackWeights \(b\.safetensors\): its layout is not ours: "\[out, in\]"\. Expected: /,
  );
});
