// Writes ONNX models of one operator, as protocol buffers. Field numbers are those of onnx.proto.
import { PbfWriter } from "pbf";

const FLOAT = 1;
const INT = 2;
const VERSION = { ir: 8, opset: 17 };

/**
 * A graph of `copies` nodes that compute the same, so that one run does the work so often; the first is its result.
 * @param {{ op: string, inputs: Record<string, readonly number[]>, output: readonly number[], flags: Record<string, number>, copies: number }} node
 * @returns {Uint8Array}
 */
export function modelOf({ op, inputs, output, flags, copies }) {
  const model = new PbfWriter();
  model.writeVarintField(1, VERSION.ir);
  model.writeMessage(8, (_, set) => set.writeVarintField(2, VERSION.opset), undefined);
  model.writeMessage(7, writeGraph, { op, inputs, output, flags, copies });
  return model.finish();
}

function writeGraph({ op, inputs, output, flags, copies }, graph) {
  for (let i = 0; i < copies; i++) graph.writeMessage(1, writeNode, { op, inputs, output: `y${i}`, flags });
  graph.writeStringField(2, op);
  for (const [name, shape] of Object.entries(inputs)) graph.writeMessage(11, writeValue, { name, shape });
  graph.writeMessage(12, writeValue, { name: "y0", shape: output });
}

function writeNode({ op, inputs, output, flags }, node) {
  for (const name of Object.keys(inputs)) node.writeStringField(1, name);
  node.writeStringField(2, output);
  node.writeStringField(3, output);
  node.writeStringField(4, op);
  for (const [name, value] of Object.entries(flags)) {
    node.writeMessage(5, (_, attribute) => {
      attribute.writeStringField(1, name);
      attribute.writeVarintField(3, value);
      attribute.writeVarintField(20, INT);
    });
  }
}

function writeValue({ name, shape }, value) {
  value.writeStringField(1, name);
  value.writeMessage(2, (_, type) => type.writeMessage(1, writeTensorType, shape));
}

function writeTensorType(shape, tensor) {
  tensor.writeVarintField(1, FLOAT);
  tensor.writeMessage(2, (_, shapes) => {
    for (const size of shape) shapes.writeMessage(1, (_, dim) => dim.writeVarintField(1, size));
  });
}
