// Single functions in jax-js, each jitted: products, convolutions with their gradients, softmax and cross-entropy.
import { blockUntilReady, jit, lax, nn, numpy as np, vjp } from "@jax-js/jax";
import { FILTER_FIRST, FILTER_LAST, IMAGE_FIRST, IMAGE_LAST, joined, transposed } from "./axes.js";

/** Runs between two waits, so that not too much is queued. */
const PATIENCE = 16;

/** Each gives the arrays it takes, the function of them, and, where layouts differ, the axes that bring each result into gpugrad's. */
const OPS = { product, conv, softmax, crossEntropy };

export async function openOp(task) {
  const { inputs, compute, axes } = OPS[task.kind](task);
  const run = jit(compute);
  const once = () => run(...inputs.map((input) => input.ref));
  const first = [];
  for (const [i, result] of once().entries()) {
    const { shape } = result;
    const data = await result.data();
    first.push(axes ? transposed({ shape, data }, axes[i]).data : data);
  }
  return {
    first: joined(first),
    async run(times) {
      // What is disposed before it was waited for is never computed: results are kept until they are.
      for (let done = 0; done < times; done += PATIENCE) {
        const results = Array.from({ length: Math.min(PATIENCE, times - done) }, once).flat();
        await blockUntilReady(results);
        for (const result of results) result.dispose();
      }
    },
  };
}

const put = ({ data, shape }) =>
  np.array(data, data instanceof Int32Array ? { dtype: np.int32 } : {}).reshape([...shape]);

function product({ inputs, transposeA, transposeB }) {
  const turned = (x, isTurned) => (isTurned ? np.matrixTranspose(x) : x);
  return { inputs: inputs.map(put), compute: (a, b) => [np.matmul(turned(a, transposeA), turned(b, transposeB))] };
}

/** Gradients are those of jax-js itself; of what they do not depend on zeros are given. */
function conv({ inputs, takes, gives, image, filter, pad }) {
  const at = (role) => inputs[takes.indexOf(role)];
  const zeros = (shape) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  const x = put(transposed(at("x") ?? zeros(image), IMAGE_FIRST));
  const w = put(transposed(at("w") ?? zeros(filter), FILTER_FIRST));
  const padding = [
    [pad, pad],
    [pad, pad],
  ];
  const forward = (a, b) => lax.conv(a, b, [1, 1], padding);
  if (gives.includes("y")) {
    const compute = (a, b, bias) => [forward(a, b).add(bias.reshape([1, -1, 1, 1]))];
    return { inputs: [x, w, put(at("bias"))], compute, axes: [IMAGE_LAST] };
  }
  const compute = (a, b, dy) => {
    const [y, pull] = vjp(forward, [a, b]);
    y.dispose();
    const [dx, dw] = pull(dy);
    pull.dispose();
    const gradients = { dx, dw };
    for (const name of Object.keys(gradients)) if (!gives.includes(name)) gradients[name].dispose();
    return gives.map((name) => gradients[name]);
  };
  const axes = gives.map((name) => (name === "dx" ? IMAGE_LAST : FILTER_LAST));
  return { inputs: [x, w, put(transposed(at("dy"), IMAGE_FIRST))], compute, axes };
}

function softmax({ inputs }) {
  return { inputs: inputs.map(put), compute: (x) => [nn.softmax(x)] };
}

/** The loss of each row, and the gradient of their sum. */
function crossEntropy({ inputs: [logits, labels] }) {
  const [rows, classes] = logits.shape;
  const compute = (x, target) => {
    const chosen = nn.oneHot(target, classes);
    const [losses, pull] = vjp((z) => nn.logSoftmax(z).mul(chosen.ref).sum(-1).mul(-1), [x]);
    const [dx] = pull(np.ones([rows]));
    pull.dispose();
    chosen.dispose();
    return [losses, dx];
  };
  return { inputs: [put(logits), put(labels)], compute };
}
