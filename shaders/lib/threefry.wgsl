// Random numbers by counter, Threefry-2x32 with 20 rounds (Salmon et al., SC 2011): the twin of src/core/rng.ts.
// Bits and uniforms agree with it bit for bit; normals to f32 rounding, because logarithm and cosine are spelt out here:
// WGSL's own cos may be wrong by 2^-11, and its log near 1 by 2^-21, enough to turn the root's argument negative.
// Element i of the stream `key` is the block of counter (i, 0). Reads and writes no memory; no consts, no sizes.

fn threefry_mix(x: vec2u, rotation: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, ((x.y << rotation) | (x.y >> (32u - rotation))) ^ sum);
}

fn threefry_odd_group(x: vec2u) -> vec2u {
  return threefry_mix(threefry_mix(threefry_mix(threefry_mix(x, 13u), 15u), 26u), 6u);
}

fn threefry_even_group(x: vec2u) -> vec2u {
  return threefry_mix(threefry_mix(threefry_mix(threefry_mix(x, 17u), 29u), 16u), 24u);
}

// Encrypts the counter under the key: two uniform words.
fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  let parity = key.x ^ key.y ^ 0x1bd11bdau;
  var x = counter + key;
  x = threefry_odd_group(x) + vec2u(key.y, parity + 1u);
  x = threefry_even_group(x) + vec2u(parity, key.x + 2u);
  x = threefry_odd_group(x) + vec2u(key.x, key.y + 3u);
  x = threefry_even_group(x) + vec2u(key.y, parity + 4u);
  return threefry_odd_group(x) + vec2u(parity, key.x + 5u);
}

// A key that is independent of `key` and of every other `data`: counter (data, 1), which no element uses.
fn fold_in(key: vec2u, data: u32) -> vec2u {
  return threefry2x32(key, vec2u(data, 1u));
}

fn random_bits(key: vec2u, i: u32) -> u32 {
  return threefry2x32(key, vec2u(i, 0u)).x;
}

// Uniform in [0, 1): the upper 24 bits, exact in f32.
fn random_uniform(key: vec2u, i: u32) -> f32 {
  return f32(random_bits(key, i) >> 8u) * 0x1p-24f;
}

// ln(m / 2^24) for m in 1 ..= 2^24: m = 2^e f with f in (sqrt(1/2), sqrt(2)], ln f = 2 artanh s, s = (f - 1) / (f + 1).
fn random_log(m: u32) -> f32 {
  let bits = bitcast<u32>(f32(m));
  var exponent = i32(bits >> 23u) - 151; // 127 (bias) + 24
  var f = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (f > 1.4142135f) {
    f *= 0.5f;
    exponent += 1;
  }
  let s = (f - 1.0f) / (f + 1.0f);
  let z = s * s; // <= 0.0295: the series' next term is below 2e-9
  let series = 1.0f + z * (0.33333334f + z * (0.2f + z * (0.14285715f + z * 0.11111111f)));
  return f32(exponent) * 0.6931472f + 2.0f * s * series;
}

// cos(2 pi n / 2^24) for n in 0 ..< 2^24: the nearest quarter turn in integers, then a Taylor series on |t| <= pi / 4.
fn random_cos(n: u32) -> f32 {
  let quarter = (n + 0x200000u) >> 22u;
  let t = f32(i32(n) - i32(quarter << 22u)) * (6.2831855f * 0x1p-24f);
  let z = t * t;
  let sine = t * (1.0f + z * (-0.16666667f + z * (8.333334e-3f + z * (-1.9841270e-4f + z * 2.7557319e-6f))));
  let cosine = 1.0f + z * (-0.5f + z * (4.1666668e-2f + z * (-1.3888889e-3f + z * (2.4801587e-5f - z * 2.7557319e-7f))));
  let size = select(cosine, sine, (quarter & 1u) == 1u);
  return select(size, -size, ((quarter + 1u) & 2u) == 2u); // cos, -sin, -cos, sin
}

// Standard normal by Box-Muller: sqrt(-2 ln u1) cos(2 pi u2), u1 in (0, 1] and u2 in [0, 1) from the two words.
fn random_normal(key: vec2u, i: u32) -> f32 {
  let words = threefry2x32(key, vec2u(i, 0u)) >> vec2u(8u);
  return sqrt(-2.0f * random_log(words.x + 1u)) * random_cos(words.y);
}
