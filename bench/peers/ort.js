// ONNX Runtime: forward only. It has a Dawn of its own, which finds the same driver by the variables that this process was started with.
import { createRequire } from "node:module";
import { channelsFirst, FILTER_FIRST, firstOf, IMAGE_FIRST, IMAGE_LAST, transposed } from "./axes.js";
import { batchesOf } from "./batches.js";
import { modelOf } from "./onnx.js";

const ort = createRequire(import.meta.url)("onnxruntime-node");
/** Nodes that compute the same in one run, so that sending the inputs and fetching the result count little. */
const COPIES = 4;

/** Each gives a node, its inputs by name, and, where layouts differ, the axes that bring its result into gpugrad's. */
const OPS = { product, conv, softmax };

export async function open(task, backend) {
  if (task.kind === "forward") return openForward(task, backend);
  if (!OPS[task.kind]) throw new Error("onnxruntime-node runs forward only");
  const { op, flags, inputs, axes } = OPS[task.kind](task);
  const names = Object.keys(inputs);
  const model = modelOf({
    nodes: Array.from({ length: COPIES }, (_, i) => ({ op, flags, inputs: names, output: `y${i}` })),
    inputs: Object.fromEntries(names.map((name) => [name, inputs[name].shape])),
    outputs: ["y0"],
  });
  const session = await sessionOf(model, backend, "disabled"); // or it would see that all nodes compute the same
  const feeds = Object.fromEntries(names.map((name) => [name, tensorOf(inputs[name])]));
  const compute = async () => (await session.run(feeds)).y0;
  const { data, dims: shape } = await compute();
  return {
    first: axes ? transposed({ shape, data }, axes).data : data,
    async run(times) {
      const runs = Math.ceil(times / COPIES);
      for (let i = 0; i < runs; i++) await compute();
      return runs * COPIES;
    },
  };
}

const tensorOf = ({ data, shape }) => new ort.Tensor("float32", data, [...shape]);

const sessionOf = (model, backend, graphOptimizationLevel) =>
  ort.InferenceSession.create(model, { executionProviders: [backend], graphOptimizationLevel, logSeverityLevel: 3 });

function product({ inputs: [a, b], transposeA, transposeB }) {
  const isTurned = transposeA || transposeB;
  const flags = isTurned ? { transA: Number(transposeA), transB: Number(transposeB) } : {};
  return { op: isTurned ? "Gemm" : "MatMul", flags, inputs: { a, b } };
}

function conv({ inputs, takes, gives, filter: [H, W], pad }) {
  if (!gives.includes("y")) throw new Error("onnxruntime-node runs forward only");
  const at = (role) => inputs[takes.indexOf(role)];
  const [x, w] = [transposed(at("x"), IMAGE_FIRST), transposed(at("w"), FILTER_FIRST)];
  const flags = { kernel_shape: [H, W], pads: [pad, pad, pad, pad] };
  return { op: "Conv", flags, inputs: { x, w, bias: at("bias") }, axes: IMAGE_LAST };
}

function softmax({ inputs: [x] }) {
  return { op: "Softmax", flags: {}, inputs: { x } };
}

/** The model alone, on a fresh batch each time, whose results come to the host. */
async function openForward({ layers, weights, input, batchSize, ...data }, backend) {
  const shape = [batchSize, ...(input.length === 3 ? firstOf(input) : input)];
  const model = modelOf({ ...networkOf(layers, channelsFirst(weights, layers, input)), inputs: { x: shape } });
  const session = await sessionOf(model, backend, "all");
  const next = batchesOf({ ...data, batchSize });
  const predict = async () => (await session.run({ x: tensorOf({ data: next().x, shape }) })).y.data;
  return {
    first: await predict(),
    async run(times) {
      for (let i = 0; i < times; i++) await predict();
    },
  };
}

function networkOf(layers, params) {
  const weights = {};
  const nodes = layers.map(({ kind, size }, i) => {
    const x = i === 0 ? "x" : `y${i - 1}`;
    const output = i === layers.length - 1 ? "y" : `y${i}`;
    for (const [name, values] of Object.entries(params[i])) weights[`${i}.${name}`] = values;
    const inputs = params[i].weight ? [x, `${i}.weight`, `${i}.bias`] : [x];
    if (kind === "linear") return { op: "Gemm", inputs, output };
    if (kind === "conv") return { op: "Conv", inputs, output, flags: { kernel_shape: [size, size] } };
    if (kind === "maxPool")
      return { op: "MaxPool", inputs, output, flags: { kernel_shape: [size, size], strides: [size, size] } };
    return { op: { flatten: "Flatten", relu: "Relu", tanh: "Tanh" }[kind], inputs, output };
  });
  return { nodes, weights, outputs: ["y"] };
}
