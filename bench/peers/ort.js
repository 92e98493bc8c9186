// ONNX Runtime: forward only. It has a Dawn of its own, which finds the same driver by the variables that this process was started with.
import { createRequire } from "node:module";
import { modelOf } from "./onnx.js";

const ort = createRequire(import.meta.url)("onnxruntime-node");
/** Products in one run, so that sending the factors and fetching the result count little. */
const COPIES = 4;

export async function open(task, backend) {
  if (task.kind !== "product") throw new Error("onnxruntime-node runs forward only");
  const { a, b, transposeA, transposeB } = task;
  const [A, B] = [a, b].map(({ data, shape }) => new ort.Tensor("float32", data, [...shape]));
  const isTurned = transposeA || transposeB;
  const flags = isTurned ? { transA: Number(transposeA), transB: Number(transposeB) } : {};
  const output = [...a.shape.slice(0, -2), a.shape.at(transposeA ? -1 : -2), b.shape.at(transposeB ? -2 : -1)];
  const model = modelOf({
    op: isTurned ? "Gemm" : "MatMul",
    inputs: { a: a.shape, b: b.shape },
    output,
    flags,
    copies: COPIES,
  });
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [backend],
    graphOptimizationLevel: "disabled", // or it would see that all nodes compute the same
    logSeverityLevel: 3,
  });
  const multiply = async () => (await session.run({ a: A, b: B })).y0;
  return {
    first: (await multiply()).data,
    async run(times) {
      const runs = Math.ceil(times / COPIES);
      for (let i = 0; i < runs; i++) await multiply();
      return runs * COPIES;
    },
  };
}
