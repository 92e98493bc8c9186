// jax-js: a training step is one jitted function; Adam is written out, since the package has no optimisers. Images and filters are channels first there.
import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { channelsFirst, firstOf } from "./axes.js";
import { batchesOf } from "./batches.js";
import { openOp } from "./jaxOps.js";

/** Steps between two waits, so that not too much is queued. */
const PATIENCE = 16;

export async function open(task, backend) {
  const devices = await init(backend);
  if (!devices.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
  if (task.kind === "step") return openStep(task);
  return task.kind === "forward" ? openForward(task) : openOp(task);
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
  let params = parametersOf(task);
  let state = update.start(params);
  const shape = shapeOf(task);
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

/** The model alone, on a fresh batch each time, whose results come to the host. */
async function openForward(task) {
  const next = batchesOf(task);
  const params = parametersOf(task);
  const forward = jit(network(task.layers));
  const shape = shapeOf(task);
  const predict = () => forward(tree.ref(params), np.array(next().x).reshape(shape)).data();
  return {
    first: await predict(),
    async run(times) {
      for (let i = 0; i < times; i++) await predict();
    },
  };
}

const shapeOf = ({ batchSize, input }) => [batchSize, ...(input.length === 3 ? firstOf(input) : input)];

const parametersOf = ({ weights, layers, input }) =>
  channelsFirst(weights, layers, input).map((layer) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, { data, shape }]) => [name, np.array(data).reshape([...shape])]),
    ),
  );

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
