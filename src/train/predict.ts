// The model's outputs for examples, batch by batch. Loaded only where they are wanted.
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize } from "../data/indices.ts";
import { flattenRows, type Numbers, shapedRows } from "../data/rows.ts";
import { emptyTensor } from "../tensor.ts";
import type { PredictProgram } from "./programs.ts";
import type { Run } from "./run.ts";
import { nodesOf } from "./slots.ts";
import { forward } from "./step.ts";

/** The outputs one after the other, and their shape [count, …]. */
export interface Prediction {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Does the work of `Trainer.predict`. */
export async function predict(run: Run, examples: Dataset | Numbers, given?: number): Promise<Prediction> {
  const { device } = run.state;
  const { input: shape } = run.options;
  const size = sizeOf(shape);
  const { features, scale = 1, offset = 0 } = (examples ?? {}) as Partial<Dataset>;
  const rows = features
    ? { values: features, shape: [features.length] }
    : flattenRows("predict", "examples", examples as Numbers);
  const { values, count } = shapedRows("predict", "examples", rows, shape);
  const batchSize = given ?? Math.min(count, 256);
  checkBatchSize("predict", batchSize, count);
  const program = await programFor(run, batchSize);
  const width = sizeOf(program.shape);
  const data = new Float32Array(count * width);
  const batch = new Float32Array(batchSize * size);
  for (let start = 0; start < count; start += batchSize) {
    const used = Math.min(batchSize, count - start);
    for (let i = 0; i < used * size; i++) batch[i] = (values[start * size + i] as number) * scale + offset;
    program.x.write(batch);
    const [y] = await program.executable.run(1, program.executable.outputs)();
    device.check("predict");
    data.set((y as Float32Array).subarray(0, used * width), start * width);
  }
  return { data, shape: [count, ...program.shape] };
}

/** The program of the model alone, on `batchSize` examples. */
async function programFor(run: Run, batchSize: number): Promise<PredictProgram> {
  const { blueprint, options, programs, state } = run;
  const known = programs.prediction.get(batchSize);
  if (known) return known;
  const { input: shape, inputDType: dtype = "f32" } = options;
  const x = emptyTensor(state.device, { shape: [batchSize, ...shape], dtype, label: "examples" });
  const leaves = nodesOf(blueprint.slots, state.arrays);
  const y = forward(blueprint, leaves, x.node, { counter: state.counter.node, training: false });
  const program = { x, executable: await programs.prepare({ outputs: [y] }), shape: y.shape.slice(1) };
  programs.prediction.set(batchSize, program);
  return program;
}
