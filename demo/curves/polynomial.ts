// Polynomial regression: least squares by Householder's QR in Chebyshev polynomials, which stay independent where powers of x do not.

/** A polynomial over 0 … 1 as Σ cₖ·Tₖ(2x − 1). */
export interface Polynomial {
  readonly degree: number;
  at(x: number): number;
}

/**
 * The polynomial of a degree that fits points best. Where there are fewer points than coefficients, or several points share an x, the degree
 * is as high as places allow.
 */
export function fitPolynomial(x: readonly number[], y: readonly number[], wanted: number): Polynomial {
  const degree = Math.max(0, Math.min(wanted, new Set(x).size - 1));
  const rows = x.map((at) => chebyshev(at, degree));
  const coefficients = leastSquares(rows, y);
  return {
    degree,
    at: (place) => chebyshev(place, degree).reduce((sum, value, k) => sum + value * (coefficients[k] as number), 0),
  };
}

/** T₀ … T of the degree at 2x − 1: Tₖ₊₁(u) = 2u·Tₖ(u) − Tₖ₋₁(u). */
function chebyshev(x: number, degree: number): number[] {
  const u = 2 * x - 1;
  const values = [1, u];
  for (let k = 2; k <= degree; k++) {
    values.push(2 * u * (values[k - 1] as number) - (values[k - 2] as number));
  }
  return values.slice(0, degree + 1);
}

/**
 * c that makes ‖A·c − b‖ least, for A [m, n] by rows. Columns that depend on those before them get 0.
 * Golub, Van Loan, "Matrix computations", 5.2 and 5.3.
 */
export function leastSquares(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const [m, n] = [a.length, a[0]?.length ?? 0];
  const r = a.map((row) => Float64Array.from(row));
  const q = Float64Array.from(b);
  const at = (row: number) => r[row] as Float64Array;
  const size = Math.max(...a.flat().map(Math.abs), 0);
  for (let k = 0; k < Math.min(m, n); k++) {
    // v reflects what is left of column k onto its first entry
    let norm = 0;
    for (let i = k; i < m; i++) norm = Math.hypot(norm, at(i)[k] as number);
    if (norm === 0) continue;
    const first = at(k)[k] as number;
    const pivot = first > 0 ? -norm : norm;
    const v = Float64Array.from({ length: m - k }, (_, i) => at(k + i)[k] as number);
    v[0] = first - pivot;
    const length = v.reduce((sum, value) => sum + value * value, 0);
    if (length === 0) continue;
    for (let column = k; column < n; column++) {
      let dot = 0;
      for (let i = k; i < m; i++) dot += (v[i - k] as number) * (at(i)[column] as number);
      for (let i = k; i < m; i++) at(i)[column] = (at(i)[column] as number) - (2 * dot * (v[i - k] as number)) / length;
    }
    let dot = 0;
    for (let i = k; i < m; i++) dot += (v[i - k] as number) * (q[i] as number);
    for (let i = k; i < m; i++) q[i] = (q[i] as number) - (2 * dot * (v[i - k] as number)) / length;
  }
  const c = new Array<number>(n).fill(0);
  for (let k = Math.min(m, n) - 1; k >= 0; k--) {
    const pivot = at(k)[k] as number;
    if (Math.abs(pivot) <= 1e-13 * size * m) continue;
    let sum = q[k] as number;
    for (let j = k + 1; j < n; j++) sum -= (at(k)[j] as number) * (c[j] as number);
    c[k] = sum / pivot;
  }
  return c;
}
