// One peer with one task in a process of its own: node serve.js <peer> <backend> <device> <counted>. Answers the messages of src/cli/bench/peers.ts.
import { provideNavigator, provideWebGpu } from "./device.js";

const PEERS = {
  "jax-js": () => import("./jax.js"),
  tfjs: () => import("./tfjs.js"),
  ort: () => import("./ort.js"),
};

const [peer, backend, device, counted] = process.argv.slice(2);

/** @type {{ first: ArrayLike<number>, run: (times: number) => Promise<number | void> } | undefined} */
let task;
let counts = () => ({});

const CALLS = {
  /** Makes a task ready and does it once: gives losses or the result, by which it is checked. */
  async open(given) {
    if (backend === "webgpu") counts = await provideWebGpu(device, counted === "counted");
    else provideNavigator();
    const { open } = await PEERS[peer]();
    task = await open(given, backend);
    return { first: Float32Array.from(task.first) };
  },

  /** Does it `times` times, or as many more as the task says; a timing ends when the last result has come back. */
  async run(times) {
    const [before, start, cpu] = [counts(), performance.now(), process.cpuUsage()];
    const done = (await task.run(times)) ?? times;
    const used = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1000;
    return { times: done, seconds, cpuSeconds: (used.user + used.system) / 1e6, calls: difference(counts(), before) };
  },
};

function difference(after, before) {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

process.on("message", async ({ call, argument }) => {
  try {
    process.send({ result: await CALLS[call](argument) });
  } catch (error) {
    process.send({ error: String(error?.message ?? error).split("\n")[0] });
  }
});
process.on("disconnect", () => process.exit(0));
