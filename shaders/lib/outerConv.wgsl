// What the two outer products of convolution share: columns of a group, and the largest of a window. Const: BIAS. Sizes: per_group, w_n, w_group.

struct Largest {
  value: f32,
  place: u32,
}

// The first of the largest; NaN counts as largest.
fn largest_of(row: vec4f) -> Largest {
  var best = Largest(row.x, 0u);
  if (row.y > best.value || is_nan(row.y)) { best = Largest(row.y, 1u); }
  if (row.z > best.value || is_nan(row.z)) { best = Largest(row.z, 2u); }
  if (row.w > best.value || is_nan(row.w)) { best = Largest(row.w, 3u); }
  return best;
}

// What column `column` of group `g` starts from.
fn start_of(g: u32, column: u32) -> f32 {
  if (!BIAS) { return 0.0; }
  return load_bias(g * sizes.per_group + min(column, sizes.per_group - 1u));
}

// Where the weights of a lane's column start.
fn w_place(g: u32, column: u32) -> u32 {
  return min(column, sizes.per_group - 1u) * sizes.w_n + g * sizes.w_group;
}
