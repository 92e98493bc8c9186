// Writes ONNX models as protocol buffers. Field numbers are those of onnx.proto.
import { PbfWriter } from "pbf";

const FLOAT = 1;
const INT = 2;
const INTS = 7;
const VERSION = { ir: 8, opset: 17 };

/**
 * @typedef {{ op: string, inputs: readonly string[], output: string, flags?: Record<string, number | readonly number[]> }} OnnxNode
 * @typedef {{ shape: readonly number[], data: Float32Array }} Values
 */

/**
 * A model of nodes one after another. `weights` are part of it; `inputs` are given at each run; `outputs` are names of results.
 * @param {{ nodes: readonly OnnxNode[], inputs: Record<string, readonly number[]>, weights?: Record<string, Values>, outputs: readonly string[] }} graph
 * @returns {Uint8Array}
 */
export function modelOf(graph) {
  const model = new PbfWriter();
  model.writeVarintField(1, VERSION.ir);
  model.writeMessage(8, (_, set) => set.writeVarintField(2, VERSION.opset), undefined);
  model.writeMessage(7, writeGraph, graph);
  return model.finish();
}

function writeGraph({ nodes, inputs, weights = {}, outputs }, graph) {
  for (const node of nodes) graph.writeMessage(1, writeNode, node);
  graph.writeStringField(2, "bench");
  for (const [name, values] of Object.entries(weights)) graph.writeMessage(5, writeWeight, { name, ...values });
  for (const [name, shape] of Object.entries(inputs)) graph.writeMessage(11, writeValue, { name, shape });
  for (const name of outputs) graph.writeMessage(12, writeValue, { name });
}

function writeNode({ op, inputs, output, flags = {} }, node) {
  for (const name of inputs) node.writeStringField(1, name);
  node.writeStringField(2, output);
  node.writeStringField(3, output);
  node.writeStringField(4, op);
  for (const [name, value] of Object.entries(flags)) {
    node.writeMessage(5, (_, attribute) => {
      attribute.writeStringField(1, name);
      if (typeof value === "number") attribute.writeVarintField(3, value);
      else for (const each of value) attribute.writeVarintField(8, each);
      attribute.writeVarintField(20, typeof value === "number" ? INT : INTS);
    });
  }
}

function writeWeight({ name, shape, data }, tensor) {
  for (const size of shape) tensor.writeVarintField(1, size);
  tensor.writeVarintField(2, FLOAT);
  tensor.writeStringField(8, name);
  tensor.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Without a shape the runtime works it out. */
function writeValue({ name, shape }, value) {
  value.writeStringField(1, name);
  value.writeMessage(2, (_, type) => type.writeMessage(1, writeTensorType, shape));
}

function writeTensorType(shape, tensor) {
  tensor.writeVarintField(1, FLOAT);
  if (!shape) return;
  tensor.writeMessage(2, (_, shapes) => {
    for (const size of shape) shapes.writeMessage(1, (_, dim) => dim.writeVarintField(1, size));
  });
}
