// Single functions in TF.js: products, convolutions, the kernels of their gradients, softmax and cross-entropy.
import { joined } from "./axes.js";

/** Each gives a function that computes its results, as tensors. */
const OPS = { product, conv, softmax, crossEntropy };

export async function openOp(tf, task) {
  const inputs = task.inputs.map(({ data, shape }) =>
    tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32"),
  );
  const once = OPS[task.kind](tf, inputs, task);
  const first = once();
  return {
    first: joined(await Promise.all(first.map((result) => result.data()))),
    async run(times) {
      for (let i = 1; i <= times; i++) {
        const results = once();
        if (i === times) await results[0].data();
        for (const result of results) result.dispose();
      }
    },
  };
}

function product(tf, [a, b], { transposeA, transposeB }) {
  return () => [tf.matMul(a, b, transposeA, transposeB)];
}

function conv(tf, inputs, { takes, gives, image, filter: filterShape, pad: padding }) {
  const at = (role) => inputs[takes.indexOf(role)];
  const [x, filter, bias, dy] = ["x", "w", "bias", "dy"].map(at);
  const pad = padding === 0 ? "valid" : "same";
  const how = { strides: [1, 1], pad, dataFormat: "NHWC" };
  const kernels = {
    y: () => tf.fused.conv2d({ x, filter, bias, strides: 1, pad }),
    dx: () => tf.engine().runKernel("Conv2DBackpropInput", { dy, filter }, { ...how, inputShape: image }),
    dw: () => tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, { ...how, filterShape }),
  };
  return () => gives.map((name) => kernels[name]());
}

function softmax(tf, [x]) {
  return () => [tf.softmax(x)];
}

/** The loss of each row, and the gradient of their sum. */
function crossEntropy(tf, [logits, labels]) {
  const [rows, classes] = logits.shape;
  const target = tf.oneHot(labels, classes);
  const ones = tf.ones([rows]);
  const loss = (x) => tf.losses.softmaxCrossEntropy(target, x, undefined, 0, tf.Reduction.NONE);
  return () => {
    const { value, grad } = tf.valueAndGrad(loss)(logits, ones);
    return [value, grad];
  };
}
