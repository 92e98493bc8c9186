// Functions of one number that JavaScript's Math lacks, in float64.

/** Cuts the exponent of e^(−x²) below the smallest float64. */
const FAR = 27;

/** erf x = 2/√π ∫₀ˣ e^(−t²) dt, to about 1e-15: its series near 0, 1 − erfc beyond. */
export function erf(x: number): number {
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** erfc x = 1 − erf x without cancellation in the right tail: Laplace's continued fraction beyond 2. */
export function erfc(x: number): number {
  if (Number.isNaN(x) || x < 2) return 1 - erf(x);
  if (x > FAR) return 0;
  let fraction = x;
  for (let k = 120; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** The standard normal distribution function. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** 1 / (1 + e^(−x)), without overflow. */
export function sigmoidOf(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** ln(1 + eˣ), without overflow. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The nearest whole number, halves to the even one (IEEE 754). */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/** e^(−x²/2)/√2π */
export function normalDensityOf(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** min(max(x, low), high); NaN stays NaN. */
export function clampOf(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
