// Floating-point functions that are the same on every device. WGSL lets its own differ: they may drop NaN (so may `x != x`),
// turn tanh(89) into NaN, and be wrong by 2^-21 in log and by a fifth in tanh(1e-7). Relative errors here are below 4e-7.
// Conditions are joined by & and |: && branches, and software adapters compile many branches slowly.
// Reads and writes no memory; uses sizes.infinity_bits and sizes.nan_bits, because WGSL has no literal for either.

fn infinity() -> f32 { return bitcast<f32>(sizes.infinity_bits); }

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn is_infinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }
fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }
// Signs by their bits, because devices may take numbers below the smallest normal one for 0.
// True from the smallest number above 0 to infinity.
fn is_positive(x: f32) -> bool { return (bitcast<u32>(x) - 1u) < 0x7f800000u; }
// True from -infinity to -0.
fn is_negative(x: f32) -> bool { return (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u; }

// y, or NaN where x is NaN.
fn keep_nan(x: f32, y: f32) -> f32 { return select(y, x, is_nan(x)); }
fn float_relu(x: f32) -> f32 { return select(x, 0.0f, is_negative(x)); }
fn float_differs(a: f32, b: f32) -> bool { return (a != b) | is_nan(a) | is_nan(b); }

// e^r - 1 for |r| <= ln(2) / 2.
fn exp_near_zero(r: f32) -> f32 {
  return r + r * r * (0.49999993f + r * (0.1666652f + r * (0.041668389f + r * (0.0083687755f + r * 0.0013814513f))));
}

// 2^n as the product of two factors, so that neither end of the range is lost early.
fn scale_by_power(x: f32, n: i32) -> f32 {
  let half = n >> 1u;
  return x * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((n - half + 127) << 23u);
}

// e^x = 2^n e^r: r = x - n ln 2 is exact because 0.693359375 has few bits. Beyond the limits it is 0 and infinity.
// 1.5 * 2^23 leaves no bit for a fraction, so n can be seen: converting takes software adapters longer than all the rest.
fn float_exp(x: f32) -> f32 {
  let limited = clamp(x, -104.0f, 89.0f);
  let n = bitcast<i32>(limited * 1.442695f + 0x1.8p23f) - 0x4b400000;
  let r = (limited - f32(n) * 0.693359375f) + f32(n) * 2.12194440e-4f;
  return keep_nan(x, scale_by_power(1.0f + exp_near_zero(r), n));
}

// ln(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2): 2 artanh s, s = f / (2 + f).
fn log_near_one(f: f32) -> f32 {
  let s = f / (2.0f + f);
  let z = s * s;
  return 2.0f * s + s * z * (0.6666678f + z * (0.39977064f + z * 0.29885621f));
}

// ln x = e ln 2 + ln m, x = 2^e m, sqrt(1/2) <= m < sqrt(2).
fn float_log(x: f32) -> f32 {
  let tiny = x < 1.1754944e-38f;
  let bits = bitcast<u32>(select(x, x * 8388608.0f, tiny)) + 0x004afb0du; // carries into the exponent from sqrt(2) on
  let e = f32(i32(bits >> 23u) - select(127, 150, tiny));
  let m = bitcast<f32>((bits & 0x7fffffu) + 0x3f3504f3u);
  let y = (e * 2.12194440e-4f * -1.0f + log_near_one(m - 1.0f)) + e * 0.693359375f;
  let edge = select(bitcast<f32>(sizes.nan_bits), -infinity(), x == 0.0f);
  return keep_nan(x, select(select(y, edge, x <= 0.0f), x, is_infinite(x) & (x > 0.0f)));
}
