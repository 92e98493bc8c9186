// Made of the functions of float.wgsl, which this file needs: the larger and the smaller of two, a number between two, and the sign of one. NaN stays NaN. Reads and writes no memory.

fn float_maximum(a: f32, b: f32) -> f32 { return keep_nan(a, keep_nan(b, max(a, b))); }
fn float_minimum(a: f32, b: f32) -> f32 { return keep_nan(a, keep_nan(b, min(a, b))); }
fn float_clamp(x: f32, low: f32, high: f32) -> f32 { return keep_nan(x, select(select(x, low, x < low), high, x > high)); }
fn float_sign(x: f32) -> f32 { return select(select(-1.0f, x, is_nan(x) | ((bitcast<u32>(x) << 1u) == 0u)), 1.0f, is_positive(x)); }
