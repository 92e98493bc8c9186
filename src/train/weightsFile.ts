// Weights as a safetensors file: tensors named by path, in our layouts, which the file's notes state.
import { DataError } from "../core/error.ts";
import { readSafetensors, type SafetensorsEntry } from "../data/safetensors.ts";
import { writeSafetensors } from "../data/safetensorsWriter.ts";
import type { Weights } from "./state.ts";

/** Says in every file how its numbers lie. */
export const LAYOUT = "row-major f32; dense weights [in, out], y = x·W + b; filters [height, width, in, out]";

/**
 * Writes weights as a safetensors file; `notes` go into its metadata beside the layout.
 * @example
 * await writeFile("digits.safetensors", packWeights(await trainer.weights(), { model: "mlp" }));
 */
export function packWeights(weights: Weights, notes: Readonly<Record<string, string>> = {}): Uint8Array {
  return writeSafetensors(Object.entries(weights), { format: "gpugrad", layout: LAYOUT, ...notes });
}

/**
 * Reads weights from a safetensors file, for `trainer.load`. Types other than f32 are converted; `name` stands for the file in messages.
 * @throws DataError for a damaged or hostile file, and for tensors that hold no floating-point numbers
 * @example
 * trainer.load(unpackWeights(await readFile("digits.safetensors"), "digits.safetensors"));
 */
export function unpackWeights(file: Uint8Array, name = "file"): Weights {
  const { tensors, metadata } = readSafetensors(file, name);
  const layout = metadata.get("layout");
  if (metadata.get("format") === "gpugrad" && layout !== LAYOUT) {
    throw new DataError(`unpackWeights (${name}): its layout is not ours: "${layout}". Expected: "${LAYOUT}"`);
  }
  return Object.fromEntries([...tensors].map(([path, entry]) => [path, asFloats(entry, path, name)]));
}

function asFloats({ dtype, shape, data }: SafetensorsEntry, path: string, file: string): Weights[string] {
  if (!/F/.test(dtype)) {
    throw new DataError(`unpackWeights (${file}): tensor "${path}" holds no floating-point numbers: ${dtype}`);
  }
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
