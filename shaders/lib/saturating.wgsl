// Made of the functions of float.wgsl, which this file needs: e^x - 1 and ln(1 + x) near 0; what levels off: sigmoid, tanh, and gates made of them.
// Relative errors are below 1e-6. Reads and writes no memory.

fn float_expm1(x: f32) -> f32 {
  return select(float_exp(x) - 1.0f, exp_near_zero(x), abs(x) < 0.34657359f);
}

fn float_log1p(x: f32) -> f32 {
  return select(float_log(1.0f + x), log_near_one(x), (x > -0.29f) & (x < 0.41f));
}

fn float_sigmoid(x: f32) -> f32 {
  let e = float_exp(-abs(x));
  return select(1.0f, e, is_negative(x)) / (1.0f + e);
}

// ln(1 + e^x)
fn float_softplus(x: f32) -> f32 {
  return float_relu(x) + float_log1p(float_exp(-abs(x)));
}

fn float_tanh(x: f32) -> f32 {
  let e = float_expm1(min(2.0f * abs(x), 40.0f));
  return keep_nan(x, select(1.0f, -1.0f, is_negative(x)) * (e / (e + 2.0f)));
}

// tanh(ln(1 + e^x)) = n / (n + 2), n = e^x (e^x + 2).
fn float_mish_gate(x: f32) -> f32 {
  let e = float_exp(min(x, 40.0f));
  let n = e * (e + 2.0f);
  return keep_nan(x, n / (n + 2.0f));
}

// The normal distribution function by its tanh approximation, (1 + tanh u) / 2 = sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
fn gelu_tanh_gate(x: f32) -> f32 {
  let a = clamp(x, -20.0f, 20.0f);
  return keep_nan(x, float_sigmoid(1.5957691f * a * (1.0f + 0.044715f * a * a)));
}
