// y[image, r, n] = bias[n] + Σ over taps t and channels k of x[image, source of r and t, k] · w[t, k, n], forward or transposed (see lib/taps).
// A thread keeps one pixel of ROWS images × 4 columns in registers; the taps that meet the image are the same for all of them, so there is
// nothing to mask. For any adapter. Reads x, w, bias. Writes y. Channels run fastest everywhere.
// Consts: ROWS (1, 2, 4, 8), COLUMNS (4; 1 for narrow groups), FOURS (k's and columns come in whole fours: read so), THREADS, BIAS, TRANSPOSED.
// Sizes: images, result_h, result_w, source_h, source_w, pitch (channels of x), columns (channels of y), per_group (of them), inner
// (channels of x per group), taps_h, taps_w, stride_h …, before_w, tap_size, w_k, w_n, w_group (steps in w), blocks (of columns, per
// group), groups, rows (ROWS again), tiles.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = workgroup_index(group, groups) * THREADS + lane;
  if (tile >= sizes.tiles) { return; }

  // 1. Our columns, pixel and images. What lies past the end reads the last one and is not stored.
  let block = tile % (sizes.blocks * sizes.groups);
  let g = block / sizes.blocks;
  let local = (block % sizes.blocks) * COLUMNS;
  let columns = min(vec4u(local, local + 1u, local + 2u, local + 3u), vec4u(sizes.per_group - 1u));
  let pixels = sizes.result_h * sizes.result_w;
  let place = tile / (sizes.blocks * sizes.groups);
  let pixel = place % pixels;
  let first_image = (place / pixels) * ROWS;
  let h = taps_of(i32(pixel / sizes.result_w), 0, axis_h());
  let w = taps_of(i32(pixel % sizes.result_w), 0, axis_w());

  // 2. Where they start.
  let image_size = sizes.source_h * sizes.source_w * sizes.pitch;
  let last_image = sizes.images - 1u;
  let x_first = g * sizes.inner;
  let x0 = x_first + min(first_image, last_image) * image_size;
  let x1 = x_first + min(first_image + 1u, last_image) * image_size;
  let x2 = x_first + min(first_image + 2u, last_image) * image_size;
  let x3 = x_first + min(first_image + 3u, last_image) * image_size;
  let x4 = x_first + min(first_image + 4u, last_image) * image_size;
  let x5 = x_first + min(first_image + 5u, last_image) * image_size;
  let x6 = x_first + min(first_image + 6u, last_image) * image_size;
  let x7 = x_first + min(first_image + 7u, last_image) * image_size;
  let w_first = columns * sizes.w_n + g * sizes.w_group;

  // 3. Accumulate, starting from the bias.
  var y0 = vec4f(0.0);
  if (BIAS) {
    let n = columns + g * sizes.per_group;
    y0 = vec4f(load_bias(n.x), load_bias(n.y), load_bias(n.z), load_bias(n.w));
  }
  var y1 = y0; var y2 = y0; var y3 = y0; var y4 = y0; var y5 = y0; var y6 = y0; var y7 = y0;
  for (var i = 0u; i < h.count; i++) {
    let line = u32(h.source + i32(i) * axis_h().source_step) * sizes.source_w;
    let tap_line = u32(h.first + i32(i) * axis_h().tap_step) * sizes.taps_w;
    for (var j = 0u; j < w.count; j++) {
      let at = (line + u32(w.source + i32(j) * axis_w().source_step)) * sizes.pitch;
      let w_at = w_first + (tap_line + u32(w.first + i32(j) * axis_w().tap_step)) * sizes.tap_size;
      if (FOURS) {
        for (var k = 0u; k < sizes.inner; k += 4u) {
          let four = four_of_w(w_at + k * sizes.w_k);
          let x_at = at + k;
          y0 += four * load4_x(x0 + x_at);
          if (ROWS > 1u) { y1 += four * load4_x(x1 + x_at); }
          if (ROWS > 2u) { y2 += four * load4_x(x2 + x_at); y3 += four * load4_x(x3 + x_at); }
          if (ROWS > 4u) {
            y4 += four * load4_x(x4 + x_at); y5 += four * load4_x(x5 + x_at);
            y6 += four * load4_x(x6 + x_at); y7 += four * load4_x(x7 + x_at);
          }
        }
        continue;
      }
      for (var k = 0u; k < sizes.inner; k++) {
        let row = row_of_w(w_at + k * sizes.w_k);
        let x_at = at + k;
        y0 += load_x(x0 + x_at) * row;
        if (ROWS > 1u) { y1 += load_x(x1 + x_at) * row; }
        if (ROWS > 2u) { y2 += load_x(x2 + x_at) * row; y3 += load_x(x3 + x_at) * row; }
        if (ROWS > 4u) {
          y4 += load_x(x4 + x_at) * row; y5 += load_x(x5 + x_at) * row;
          y6 += load_x(x6 + x_at) * row; y7 += load_x(x7 + x_at) * row;
        }
      }
    }
  }

  // 4. Store. A loop with a bound known at run time, so that what is fused onto y is compiled once.
  var rows = array<vec4f, 8>(y0, y1, y2, y3, y4, y5, y6, y7);
  for (var r = 0u; r < sizes.rows; r++) {
    let image = first_image + r;
    if (image >= sizes.images) { break; }
    let y_first = (image * pixels + pixel) * sizes.columns + g * sizes.per_group + local;
    for (var c = 0u; c < COLUMNS && local + c < sizes.per_group; c++) { store_y(y_first + c, rows[r][c]); }
  }
}

// Four k's of four columns: each column of the matrix is a k.
fn four_of_w(at: vec4u) -> mat4x4f {
  if (TRANSPOSED) { return transpose(mat4x4f(load4_w(at.x), load4_w(at.y), load4_w(at.z), load4_w(at.w))); }
  let step = sizes.w_k;
  return mat4x4f(load4_w(at.x), load4_w(at.x + step), load4_w(at.x + 2u * step), load4_w(at.x + 3u * step));
}

fn row_of_w(at: vec4u) -> vec4f {
  if (COLUMNS == 1u) { return vec4f(load_w(at.x), 0.0, 0.0, 0.0); }
  return vec4f(load_w(at.x), load_w(at.y), load_w(at.z), load_w(at.w));
}
