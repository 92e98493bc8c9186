// Functions beyond float.wgsl (which this file needs): hyperbolic, trigonometric, power and the normal distribution's.
// Relative errors are below 1e-6, also in the tails. Reads and writes no memory.

fn float_sinh(x: f32) -> f32 {
  let a = abs(x);
  let e = float_expm1(min(a, 1.0f));
  let h = float_exp(0.5f * a);
  let y = select((0.5f * h) * h - 0.5f / (h * h), 0.5f * (e + e / (e + 1.0f)), a < 1.0f);
  return keep_nan(x, select(y, -y, is_negative(x)));
}

fn float_cosh(x: f32) -> f32 {
  let h = float_exp(0.5f * abs(x));
  return (0.5f * h) * h + 0.5f / (h * h);
}

// Quarter turns in |x|, and what is left: pi / 2 in four parts of few bits. Loses its digits above about 1e5.
struct Turn { quarter: u32, rest: f32 }
fn turn_of(x: f32) -> Turn {
  let n = round(clamp(abs(x), 0.0f, 1e9f) * 0.63661977f);
  let rest = ((abs(x) - n * 1.5703125f) - n * 4.8351288e-4f) - n * 3.1385571e-7f - n * 6.0771005e-11f;
  return Turn(u32(n), clamp(rest, -0.7853982f, 0.7853982f));
}

fn sin_of_rest(t: f32) -> f32 {
  let z = t * t;
  return t + t * z * (-0.16666667f + z * (8.3333333e-3f + z * (-1.9841270e-4f + z * 2.7557319e-6f)));
}

fn cos_of_rest(t: f32) -> f32 {
  let z = t * t;
  return 1.0f + z * (-0.5f + z * (4.1666667e-2f + z * (-1.3888889e-3f + z * (2.4801587e-5f - z * 2.7557319e-7f))));
}

fn float_sin(x: f32) -> f32 {
  let turn = turn_of(x);
  let y = select(sin_of_rest(turn.rest), cos_of_rest(turn.rest), (turn.quarter & 1u) == 1u);
  let negative = ((turn.quarter & 2u) == 2u) != is_negative(x);
  return not_a_number_unless_finite(x, select(y, -y, negative));
}

fn float_cos(x: f32) -> f32 {
  let turn = turn_of(x);
  let y = select(cos_of_rest(turn.rest), sin_of_rest(turn.rest), (turn.quarter & 1u) == 1u);
  return not_a_number_unless_finite(x, select(y, -y, ((turn.quarter + 1u) & 2u) == 2u));
}

fn float_tan(x: f32) -> f32 {
  let turn = turn_of(x);
  let s = sin_of_rest(turn.rest);
  let c = cos_of_rest(turn.rest);
  let y = select(s / c, -c / s, (turn.quarter & 1u) == 1u);
  return not_a_number_unless_finite(x, select(y, -y, is_negative(x)));
}

fn not_a_number_unless_finite(x: f32, y: f32) -> f32 {
  return select(bitcast<f32>(sizes.nan_bits), y, is_finite(x));
}

// atan a = pi/2 - atan(1/a) = pi/4 + atan((a - 1) / (a + 1)), whichever brings the argument below tan(pi / 8).
fn float_atan(x: f32) -> f32 {
  let a = abs(x);
  let far = a > 2.4142136f;
  let middle = a > 0.41421356f;
  let near = select(select(a, (a - 1.0f) / (a + 1.0f), middle), -1.0f / a, far);
  let z = near * near;
  let y = near + near * z * (-0.33333315f + z * (0.19998466f + z * (-0.14243422f + z * (0.10592943f + z * -0.060759081f))));
  let total = y + select(select(0.0f, 0.78539816f, middle), 1.5707963f, far);
  return keep_nan(x, select(total, -total, is_negative(x)));
}

// e^(-c x^2): the square is split so that its rounding error does not grow with it.
fn gaussian(x: f32, c: f32) -> f32 {
  let high = bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
  return float_exp(-c * high * high) * float_exp(-c * (x - high) * (x + high));
}

// erf(x) / x for |x| <= 1.
fn erf_slope(x: f32) -> f32 {
  let z = x * x;
  return 1.1283791f + z * (-0.37612624f + z * (0.11283577f + z * (-0.026853533f + z * (5.1879085e-3f + z * (-8.0072926e-4f + z * 7.8469636e-5f)))));
}

// e^(x^2) erfc(x) for x >= 0.9.
fn erfc_scaled(x: f32) -> f32 {
  let t = 1.0f / (1.0f + 0.4f * x);
  return t * (0.22563489f + t * (0.22656802f + t * (0.19956889f + t * (0.21050865f + t * (0.012708820f + t * (0.23960231f - t * 0.11480690f))))));
}

fn float_erf(x: f32) -> f32 {
  let a = min(abs(x), 10.0f);
  let y = select(1.0f - gaussian(a, 1.0f) * erfc_scaled(a), a * erf_slope(min(a, 1.0f)), a < 0.9f);
  return keep_nan(x, select(y, -y, is_negative(x)));
}

// The normal distribution function, erfc(-x / sqrt 2) / 2.
fn normal_cdf(x: f32) -> f32 {
  let a = min(abs(x), 20.0f);
  let scaled = a * 0.70710678f;
  let tail = 0.5f * gaussian(a, 0.5f) * erfc_scaled(scaled);
  let near = 0.5f + 0.5f * x * 0.70710678f * erf_slope(min(scaled, 1.0f));
  return keep_nan(x, select(select(1.0f - tail, tail, is_negative(x)), near, scaled < 0.9f));
}

// e^(-x^2 / 2) / sqrt(2 pi)
fn normal_density(x: f32) -> f32 {
  return keep_nan(x, 0.39894228f * gaussian(min(abs(x), 40.0f), 0.5f));
}

// x^n by squaring: exact signs, and exact results as long as f32 holds them.
fn integer_power(x: f32, n: u32) -> f32 {
  var y = 1.0f;
  var square = x;
  for (var left = n; left > 0u; left >>= 1u) {
    y = select(y, y * square, (left & 1u) == 1u);
    square *= square;
  }
  return y;
}

// |x|^y = 2^(y log2 |x|): the exponent of x is multiplied in two exact parts, so that large results keep their digits.
fn positive_power(x: f32, y: f32) -> f32 {
  let tiny = x < 1.1754944e-38f;
  let bits = bitcast<u32>(select(x, x * 8388608.0f, tiny)) + 0x004afb0du;
  let e = f32(i32(bits >> 23u) - select(127, 150, tiny));
  let m = bitcast<f32>((bits & 0x7fffffu) + 0x3f3504f3u);
  let high = bitcast<f32>(bitcast<u32>(y) & 0xffff0000u);
  let whole = round(clamp(high * e, -300.0f, 300.0f));
  let rest = (high * e - whole) + (y - high) * e;
  let left = rest * 0.69314718f + y * log_near_one(m - 1.0f);
  let n = round(clamp(left * 1.442695041f, -300.0f, 300.0f));
  let r = (left - n * 0.693359375f) + n * 2.12194440e-4f;
  let power = i32(clamp(whole + n, -250.0f, 250.0f));
  return scale_by_power(1.0f + exp_near_zero(clamp(r, -0.5f, 0.5f)), power);
}

// As C's pow: whole powers of negative numbers, 1 for x^0, NaN for other powers of negative numbers.
fn float_pow(x: f32, y: f32) -> f32 {
  let size = abs(y);
  let whole = floor(size) == size;
  let odd = whole && size < 16777216.0f && (u32(min(size, 16777216.0f)) & 1u) == 1u;
  if (whole && size <= 64.0f) {
    let power = integer_power(x, u32(size));
    return select(power, 1.0f / power, y < 0.0f);
  }
  if (is_nan(x) || is_nan(y)) { return keep_nan(x, y); }
  var power = positive_power(abs(x), y);
  if (x == 0.0f || is_infinite(x)) { power = select(0.0f, infinity(), (x == 0.0f) == (y < 0.0f)); }
  if (is_infinite(y)) { power = select(select(0.0f, infinity(), (abs(x) > 1.0f) == (y > 0.0f)), 1.0f, abs(x) == 1.0f); }
  if (is_negative(x) && x != 0.0f && is_finite(x) && !whole) { return bitcast<f32>(sizes.nan_bits); }
  return select(power, -power, is_negative(x) && odd);
}
