// The same as conv.wgsl as outer products, for software adapters: a subgroup takes four neighbouring pixels of LANES images and COLUMNS
// columns. A lane is an image; it keeps 4 pixels × COLUMNS sums in registers, loads its own 4 pixels and its own few weights, and has
// everybody's weights broadcast. All lanes have the same pixels, so taps that miss the image are left out, not masked; along a row the four
// pixels are masked one by one where borders cut them differently (PADDED). Transposed, the four are `classes` apart, so that they meet the same taps.
// Reads x, w, bias. Writes y. Filled in: Rows, accumulate, list_rows (one line a column: broadcasts want a constant lane).
// Consts: LANES (a workgroup is one subgroup), COLUMNS, BIAS, PADDED, TRANSPOSED.
// Sizes: those of conv.wgsl, and classes, quads (fours of pixels in a row), pixel_step (sources between two of them), rows (COLUMNS again).

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = workgroup_index(group, groups);
  if (tile >= sizes.tiles) { return; }

  // 1. Our columns, four pixels and images. What lies past the end reads the last one and is not stored.
  let block = tile % (sizes.blocks * sizes.groups);
  let g = block / sizes.blocks;
  let column = (block % sizes.blocks) * COLUMNS;
  let place = tile / (sizes.blocks * sizes.groups);
  let quad = place % sizes.quads;
  let first_w = quad % sizes.classes + (quad / sizes.classes) * 4u * sizes.classes;
  let result_h = (place / sizes.quads) % sizes.result_h;
  let image = (place / sizes.quads / sizes.result_h) * LANES + lane;
  let image_size = sizes.source_h * sizes.source_w * sizes.pitch;
  let x_first = min(image, sizes.images - 1u) * image_size + g * sizes.inner;

  // 2. Accumulate over the taps that meet at least one of the four pixels.
  let h = taps_of(i32(result_h), 0, axis_h());
  let w = taps_of(i32(first_w), 3 * i32(sizes.pixel_step), axis_w());
  let rows = accumulate(x_first, g, column, lane, h, w);

  // 3. Store, column by column in a loop, so that what is fused onto y is compiled once.
  if (image >= sizes.images) { return; }
  var list = list_rows(rows);
  let y_first = (image * sizes.result_h + result_h) * sizes.result_w;
  for (var p = 0u; p < 4u; p++) {
    let result_w = first_w + p * sizes.classes;
    if (result_w >= sizes.result_w) { break; }
    let at = (y_first + result_w) * sizes.columns + g * sizes.per_group + column;
    for (var r = 0u; r < sizes.rows && column + r < sizes.per_group; r++) { store_y(at + r, list[r][p]); }
  }
}

// What column `column` of group `g` starts from.
fn start_of(g: u32, column: u32) -> vec4f {
  if (!BIAS) { return vec4f(0.0); }
  return vec4f(load_bias(g * sizes.per_group + min(column, sizes.per_group - 1u)));
}

// Where the weights of a lane's column start.
fn w_place(g: u32, column: u32) -> u32 {
  return min(column, sizes.per_group - 1u) * sizes.w_n + g * sizes.w_group;
}

// The sources of four pixels whose first has source `q`: elements from the start of their line, and whether they are inside.
fn sources(q: i32) -> vec4u {
  let step = i32(sizes.pixel_step);
  return vec4u(clamp(vec4i(q, q + step, q + 2 * step, q + 3 * step), vec4i(0), vec4i(i32(sizes.source_w) - 1))) * sizes.pitch;
}

fn inside(q: i32) -> vec4<bool> {
  let step = i32(sizes.pixel_step);
  return vec4u(vec4i(q, q + step, q + 2 * step, q + 3 * step)) < vec4u(sizes.source_w);
}

fn pixels_of_x(at: vec4u, is_inside: vec4<bool>) -> vec4f {
  let values = vec4f(load_x(at.x), load_x(at.y), load_x(at.z), load_x(at.w));
  if (PADDED) { return select(vec4f(0.0), values, is_inside); }
  return values;
}
