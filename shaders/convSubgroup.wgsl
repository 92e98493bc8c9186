// The same as conv.wgsl as outer products, for software adapters: a subgroup takes a quad of pixels of LANES images and COLUMNS columns.
// A lane is an image; it keeps 4 pixels × COLUMNS sums in registers, loads its own 4 pixels and its own few weights, and has everybody's
// weights broadcast. All lanes have the same pixels, so taps that miss the image are left out, not masked; only where borders cut the four
// pixels differently (PADDED) are they masked one by one. A quad is four pixels of a row, or with POOL a window of 2 × 2, of which only the
// largest is stored, and where it was. Transposed, the four are `classes` apart, so that they meet the same taps.
// Reads x, w, bias. Writes y, index. Filled in: kept_line, Rows, accumulate, list_rows (one line a column: broadcasts want a constant lane).
// Consts: LANES (a workgroup is one subgroup), COLUMNS, BIAS, PADDED, TRANSPOSED, POOL.
// Sizes: those of conv.wgsl, and classes, quads (in a row), quad_rows, pixel_step_h, pixel_step_w (sources between two of them), rows (COLUMNS again).

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = workgroup_index(group, groups);
  if (tile >= sizes.tiles) { return; }

  // 1. Our columns, quad and images. What lies past the end reads the last one and is not stored.
  let block = tile % (sizes.blocks * sizes.groups);
  let g = block / sizes.blocks;
  let column = (block % sizes.blocks) * COLUMNS;
  let place = tile / (sizes.blocks * sizes.groups);
  let quad = place % sizes.quads;
  let quad_row = (place / sizes.quads) % sizes.quad_rows;
  let first_h = select(quad_row, quad_row * 2u, POOL);
  let first_w = select(quad % sizes.classes + (quad / sizes.classes) * 4u * sizes.classes, quad * 2u, POOL);
  let image = (place / sizes.quads / sizes.quad_rows) * LANES + lane;
  let image_size = sizes.source_h * sizes.source_w * sizes.pitch;
  let x_first = min(image, sizes.images - 1u) * image_size + g * sizes.inner;

  // 2. Accumulate over the taps that meet at least one of the four pixels.
  let h = taps_of(i32(first_h), DOWN.w * i32(sizes.pixel_step_h), axis_h());
  let w = taps_of(i32(first_w), ACROSS.w * i32(sizes.pixel_step_w), axis_w());
  let rows = accumulate(x_first, g, column, lane, h, w);

  // 3. Store, column by column in a loop, so that what is fused onto y is compiled once.
  if (image >= sizes.images) { return; }
  var list = list_rows(rows);
  let offset = g * sizes.per_group + column;
  if (POOL) {
    let at = ((image * sizes.quad_rows + quad_row) * sizes.quads + quad) * sizes.columns + offset;
    for (var r = 0u; r < sizes.rows && column + r < sizes.per_group; r++) {
      let best = largest_of(list[kept_line(r, lane)]);
      store_y(at + r, best.value);
      store_index(at + r, (first_h + best.place / 2u) * sizes.result_w + first_w + best.place % 2u);
    }
    return;
  }
  let y_first = (image * sizes.result_h + first_h) * sizes.result_w;
  for (var p = 0u; p < 4u; p++) {
    let result_w = first_w + p * sizes.classes;
    if (result_w >= sizes.result_w) { break; }
    let at = (y_first + result_w) * sizes.columns + offset;
    for (var r = 0u; r < sizes.rows && column + r < sizes.per_group; r++) { store_y(at + r, list[kept_line(r, lane)][p]); }
  }
}

// Where the four pixels of a quad lie from the first, in pixels.
const DOWN = select(vec4i(0), vec4i(0, 0, 1, 1), POOL);
const ACROSS = select(vec4i(0, 1, 2, 3), vec4i(0, 1, 0, 1), POOL);

// The sources of a quad whose first pixel has source (h, w): elements from the start of their image, and whether they are inside.
fn sources(h: i32, w: i32) -> vec4u {
  let line = clamp(h + DOWN * i32(sizes.pixel_step_h), vec4i(0), vec4i(i32(sizes.source_h) - 1));
  let pixel = clamp(w + ACROSS * i32(sizes.pixel_step_w), vec4i(0), vec4i(i32(sizes.source_w) - 1));
  return vec4u(line * i32(sizes.source_w) + pixel) * sizes.pitch;
}

fn inside(h: i32, w: i32) -> vec4<bool> {
  let line = vec4u(h + DOWN * i32(sizes.pixel_step_h));
  let pixel = vec4u(w + ACROSS * i32(sizes.pixel_step_w));
  return (line < vec4u(sizes.source_h)) & (pixel < vec4u(sizes.source_w));
}

fn pixels_of_x(at: vec4u, is_inside: vec4<bool>) -> vec4f {
  let values = vec4f(load_x(at.x), load_x(at.y), load_x(at.z), load_x(at.w));
  if (PADDED) { return select(vec4f(0.0), values, is_inside); }
  return values;
}
