/**
 * Data sets, their files and how to part them.
 * @module
 */
export { type Dataset, type DatasetOptions, dataset, take } from "./dataset.ts";
export { type Idx, type IdxArray, type IdxType, parseIdx } from "./idx.ts";
export { digits, loadMnist, MNIST_FILES, type Mnist, type ReadFile } from "./mnist.ts";
export type { Numbers } from "./rows.ts";
export {
  readSafetensors,
  type Safetensors,
  type SafetensorsArray,
  type SafetensorsDType,
  type SafetensorsEntry,
} from "./safetensors.ts";
export { type SafetensorsInput, writeSafetensors } from "./safetensorsWriter.ts";
export { type SplitOptions, split } from "./split.ts";
