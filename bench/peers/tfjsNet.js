// TF.js, wherever it was loaded: a training step is `minimize` on variables, with the fused products that its layers use.
import { batchesOf } from "./batches.js";
import { openOp } from "./tfjsOps.js";

/** Steps between two waits, so that not too much is queued. */
const PATIENCE = 16;

export async function openWith(tf, task, backend) {
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no ${backend} here`);
  await tf.ready();
  if (task.kind === "step") return openStep(tf, task);
  return task.kind === "forward" ? openForward(tf, task) : openOp(tf, task);
}

async function openStep(tf, task) {
  const next = batchesOf(task);
  const { batchSize, classes, layers } = task;
  const params = parametersOf(tf, task);
  const optimizer = optimizerOf(tf, task.optimizer);
  const train = () => {
    const { x, labels } = next();
    return tf.tidy(() => {
      const image = tf.tensor(x, [batchSize, ...task.input]);
      const target = tf.oneHot(tf.tensor1d(labels, "int32"), classes);
      return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(target, forward(tf, layers, params, image)), true);
    });
  };
  const first = [];
  for (let i = 0; i < task.checked; i++) first.push(await taken(train()));
  return {
    first,
    async run(times) {
      for (let i = 1; i <= times; i++) {
        const loss = train();
        if (i % PATIENCE === 0 || i === times) await taken(loss);
        else loss.dispose();
      }
    },
  };
}

/** The model alone, on a fresh batch each time, whose results come to the host. */
async function openForward(tf, task) {
  const next = batchesOf(task);
  const { batchSize, layers, input } = task;
  const params = parametersOf(tf, task);
  const predict = async () => {
    const y = tf.tidy(() => forward(tf, layers, params, tf.tensor(next().x, [batchSize, ...input])));
    const values = await y.data();
    y.dispose();
    return values;
  };
  return {
    first: await predict(),
    async run(times) {
      for (let i = 0; i < times; i++) await predict();
    },
  };
}

function parametersOf(tf, { layers, weights }) {
  const put = (path) => tf.variable(tf.tensor(weights[path].data, weights[path].shape));
  return layers.map(({ kind }, i) =>
    kind === "linear" || kind === "conv" ? { weight: put(`${i}.weight`), bias: put(`${i}.bias`) } : {},
  );
}

async function taken(loss) {
  const [value] = await loss.data();
  loss.dispose();
  return value;
}

function optimizerOf(tf, { name, learningRate, options }) {
  if (name === "sgd") return tf.train.sgd(learningRate);
  return tf.train.adam(learningRate, ...options.betas, options.eps);
}

/** An activation behind a layer rides in its fused kernel where TF.js has the gradient of that. */
function forward(tf, layers, params, x) {
  layers.forEach(({ kind, size }, i) => {
    const { weight, bias } = params[i];
    const activation = layers[i + 1]?.kind === "relu" ? "relu" : "linear";
    if (kind === "linear") x = tf.fused.matMul({ a: x, b: weight, bias, activation });
    else if (kind === "conv") x = tf.fused.conv2d({ x, filter: weight, strides: 1, pad: "valid", bias, activation });
    else if (kind === "maxPool") x = tf.maxPool(x, size, size, "valid");
    else if (kind === "flatten") x = tf.reshape(x, [x.shape[0], -1]);
    else if (kind === "tanh") x = tf.tanh(x);
    else if (kind === "relu" && !["linear", "conv"].includes(layers[i - 1]?.kind)) x = tf.relu(x);
  });
  return x;
}
