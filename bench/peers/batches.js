// The batches of a training step, in gpugrad's own order, as the host gives them to a peer: decoded once, gathered for every step.

/** @typedef {{ x: Float32Array, labels: Int32Array }} Batch */

/**
 * @param {object} task
 * @returns {() => Batch} the next batch; after the last it begins again
 */
export function batchesOf({ features, labels, scale, indices, batchSize }) {
  const size = features.length / labels.length;
  const values = Float32Array.from(features, (byte) => byte * scale);
  const steps = Math.floor(indices.length / batchSize);
  let step = 0;
  return () => {
    const x = new Float32Array(batchSize * size);
    const own = new Int32Array(batchSize);
    for (let i = 0; i < batchSize; i++) {
      const example = indices[step * batchSize + i];
      x.set(values.subarray(example * size, (example + 1) * size), i * size);
      own[i] = labels[example];
    }
    step = (step + 1) % steps;
    return { x, labels: own };
  };
}
