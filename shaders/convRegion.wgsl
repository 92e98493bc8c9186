// The same as convSubgroup.wgsl for small filters in steps of 1: a subgroup takes 4 neighbours of two lines of LANES images, and COLUMNS
// columns. A lane keeps 8 pixels × COLUMNS sums. The taps of a line meet a window of neighbours, loaded once; the lower line's window is the
// upper one's at the next taps. Transposed it is the same with the taps turned round. With POOL only the largest of each 2 × 2 is stored.
// Reads x, w, bias. Writes y, index. Filled in: kept_line, Rows, accumulate, list_rows (the upper lines of all columns, then the lower ones).
// Consts: LANES (a workgroup is one subgroup), COLUMNS, BIAS, TRANSPOSED, POOL.
// Sizes: those of conv.wgsl, and quads (in a line), quad_rows, base_h, base_w (from a result to its first source, backwards), rows (COLUMNS
// again), pixels (8).

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tile_of(workgroup_index(group, groups));
  if (tile.is_past) { return; }

  // 1. Our columns, pixels and images. What lies past the end reads the last one and is not stored.
  let g = tile.g;
  let column = tile.block * COLUMNS;
  let place = tile.place;
  let first_w = (place % sizes.quads) * 4u;
  let first_h = (place / sizes.quads) % sizes.quad_rows * 2u;
  let image = (place / sizes.quads / sizes.quad_rows) * LANES + lane;
  let image_size = sizes.source_h * sizes.source_w * sizes.pitch;
  let x_first = min(image, sizes.images - 1u) * image_size + g * sizes.inner;

  // 2. Accumulate.
  let rows = accumulate(x_first, g, column, lane, i32(first_h - sizes.base_h), i32(first_w - sizes.base_w));

  // 3. Store, column by column in a loop, so that what is fused onto y is compiled once.
  if (image >= sizes.images) { return; }
  var list = list_rows(rows);
  let offset = g * sizes.per_group + column;
  if (POOL) {
    for (var p = 0u; p < sizes.pixels / 2u; p += 2u) {
      let result_w = first_w + p;
      if (result_w + 1u >= sizes.result_w) { break; }
      let at = ((image * sizes.quad_rows + first_h / 2u) * (sizes.result_w / 2u) + result_w / 2u) * sizes.columns + offset;
      for (var r = 0u; r < sizes.rows && column + r < sizes.per_group; r++) {
        let upper = list[kept_line(r, lane)];
        let lower = list[COLUMNS + kept_line(r, lane)];
        let best = largest_of(vec4f(upper[p], upper[p + 1u], lower[p], lower[p + 1u]));
        store_y(at + r, best.value);
        store_index(at + r, (first_h + best.place / 2u) * sizes.result_w + result_w + best.place % 2u);
      }
    }
    return;
  }
  for (var p = 0u; p < sizes.pixels; p++) {
    let result_h = first_h + p / 4u;
    let result_w = first_w + p % 4u;
    if (result_h >= sizes.result_h || result_w >= sizes.result_w) { continue; }
    let at = ((image * sizes.result_h + result_h) * sizes.result_w + result_w) * sizes.columns + offset;
    for (var r = 0u; r < sizes.rows && column + r < sizes.per_group; r++) { store_y(at + r, list[p / 4u * COLUMNS + kept_line(r, lane)][p % 4u]); }
  }
}
