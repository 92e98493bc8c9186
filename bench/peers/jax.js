// jax-js: a training step is one jitted function; Adam is written out, since the package has no optimisers. Images and filters are channels first there.
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { batchesOf } from "./batches.js";

/** Steps between two waits, so that not too much is queued. */
const PATIENCE = 16;

export async function open(task, backend) {
  const devices = await init(backend);
  if (!devices.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
  return task.kind === "step" ? openStep(task) : openProduct(task);
}

async function openStep(task) {
  const next = batchesOf(task);
  const { optimizer, batchSize, classes } = task;
  const update = optimizer.name === "adam" ? adam(optimizer) : sgd(optimizer);
  const forward = network(task.layers, task.input);
  const lossOf = (params, x, labels) =>
    nn
      .logSoftmax(forward(params, x))
      .mul(nn.oneHot(labels, classes))
      .sum()
      .mul(-1 / batchSize);
  const step = jit((params, state, x, labels) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(params), x, labels);
    return [loss, ...update(params, gradients, state)];
  });
  let params = channelsFirst(task.weights, task.layers, task.input);
  let state = update.start(params);
  const shape = [batchSize, ...(task.input.length === 3 ? firstOf(task.input) : task.input)];
  const train = () => {
    const { x, labels } = next();
    let loss;
    [loss, params, state] = step(params, state, np.array(x).reshape(shape), np.array(labels, { dtype: np.int32 }));
    return loss;
  };
  const first = [];
  for (let i = 0; i < task.checked; i++) first.push((await train().data())[0]);
  return {
    first,
    async run(times) {
      for (let i = 1; i <= times; i++) {
        const loss = train();
        if (i % PATIENCE === 0 || i === times) await loss.data();
        else loss.dispose();
      }
    },
  };
}

const firstOf = ([H, W, C]) => [C, H, W];

/** The forward pass: consumes parameters and x, as every function of jax-js does. */
function network(layers) {
  return (params, x) => {
    layers.forEach(({ kind, size }, i) => {
      const { weight, bias } = params[i];
      if (kind === "linear") x = np.matmul(x, weight).add(bias);
      else if (kind === "conv") x = lax.conv(x, weight, [1, 1], "VALID").add(bias.reshape([1, -1, 1, 1]));
      else if (kind === "maxPool") x = lax.reduceWindow(x, np.max, [size, size], [size, size]);
      else if (kind === "flatten") x = x.reshape([x.shape[0], -1]);
      else if (kind === "relu") x = nn.relu(x);
      else if (kind === "tanh") x = np.tanh(x);
    });
    return x;
  };
}

/** gpugrad's weights, filters as OIHW, and the rows of a layer behind `flatten` in the order of channels first. */
function channelsFirst(weights, layers, input) {
  let image = input;
  return layers.map(({ kind, size, filters }, i) => {
    if (kind === "conv") image = [image[0] - size + 1, image[1] - size + 1, filters];
    if (kind === "maxPool") image = [Math.floor(image[0] / size), Math.floor(image[1] / size), image[2]];
    if (kind !== "conv" && kind !== "linear") return {};
    const [{ data, shape }, bias] = [weights[`${i}.weight`], weights[`${i}.bias`]];
    let weight = np.array(data).reshape(shape);
    if (kind === "conv") weight = weight.transpose([3, 2, 0, 1]);
    if (layers[i - 1]?.kind === "flatten" && image.length === 3) {
      weight = weight
        .reshape([...image, shape[1]])
        .transpose([2, 0, 1, 3])
        .reshape(shape);
    }
    return { weight, bias: np.array(bias.data) };
  });
}

function sgd({ learningRate }) {
  const update = (params, gradients, state) => [
    tree.map((p, g) => p.sub(g.mul(learningRate)), params, gradients),
    state,
  ];
  update.start = () => ({});
  return update;
}

/** The powers of β are kept by recurrence on the device, so that a step uploads nothing but its batch. */
function adam({ learningRate, options }) {
  const {
    betas: [b1, b2],
    eps,
  } = options;
  const update = (params, gradients, { m, v, p1, p2 }) => {
    const [q1, q2] = [p1.mul(b1), p2.mul(b2)];
    const m1 = tree.map((a, g) => a.mul(b1).add(g.mul(1 - b1)), m, tree.ref(gradients));
    const v1 = tree.map((a, g) => a.mul(b2).add(np.square(g).mul(1 - b2)), v, gradients);
    const move = (p, a, b) => {
      const slope = a.div(np.subtract(1, q1.ref));
      return p.sub(slope.mul(learningRate).div(np.sqrt(b.div(np.subtract(1, q2.ref))).add(eps)));
    };
    const moved = tree.map(move, params, tree.ref(m1), tree.ref(v1));
    return [moved, { m: m1, v: v1, p1: q1, p2: q2 }];
  };
  const zeros = (params) => tree.map((p) => np.zeros(p.shape), params);
  update.start = (params) => ({ m: zeros(params), v: zeros(params), p1: np.ones([]), p2: np.ones([]) });
  return update;
}

async function openProduct({ a, b, transposeA, transposeB }) {
  const put = ({ data, shape }) => np.array(data).reshape(shape);
  const [A, B] = [put(a), put(b)];
  const turned = (x, isTurned) => (isTurned ? np.matrixTranspose(x) : x);
  const product = jit((x, y) => np.matmul(turned(x, transposeA), turned(y, transposeB)));
  const multiply = () => product(A.ref, B.ref);
  return {
    first: await multiply().data(),
    async run(times) {
      // What is disposed before it was waited for is never computed: results are kept until they are.
      for (let done = 0; done < times; done += PATIENCE) {
        const results = Array.from({ length: Math.min(PATIENCE, times - done) }, multiply);
        await blockUntilReady(results);
        for (const result of results) result.dispose();
      }
    },
  };
}
