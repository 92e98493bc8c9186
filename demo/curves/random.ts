// Random numbers that a seed fixes: the same on every machine.

/** Draws uniform numbers in [low, high) one after the other: mulberry32 (T. Ettinger, 2017). */
export function random(seed: number): (low?: number, high?: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b9) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 4; i++) next(); // neighbouring seeds part company
  return (low = 0, high = 1) => low + (high - low) * next();
}
