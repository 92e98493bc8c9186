// Random numbers that a seed fixes: the same on every machine.

/** Numbers drawn one after the other. */
export interface Random {
  /** Uniform in [low, high). */
  uniform(low?: number, high?: number): number;
  /** Gaussian, mean 0. */
  normal(deviation?: number): number;
}

/** mulberry32 (T. Ettinger, 2017); `stream` keeps what is drawn for different ends apart. */
export function random(seed: number, stream = 0): Random {
  let state = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 4; i++) next(); // neighbouring seeds part company
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * next(),
    // Box and Muller; 1 − u is never 0
    normal: (deviation = 1) => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
