// A peer in a page of its own, the one named behind the ?. Answers the calls of src/cli/bench/chromium.ts.

const PEERS = {
  "jax-js": async () => (await import("./jax.js")).open,
  async tfjs() {
    const tf = await import("@tensorflow/tfjs");
    await import("@tensorflow/tfjs-backend-webgpu");
    const { openWith } = await import("./tfjsNet.js");
    return (task, backend) => openWith(tf, task, backend);
  },
};

let peer;

globalThis.contestant = {
  /** Makes a task ready and gives its first losses. */
  async open(task) {
    const open = await PEERS[location.search.slice(1)]();
    peer = await open(task, "webgpu");
    return Float32Array.from(peer.first);
  },

  /** Seconds for so many steps, until the last loss has come back. */
  async run(times) {
    const start = performance.now();
    await peer.run(times);
    return (performance.now() - start) / 1000;
  },
};
