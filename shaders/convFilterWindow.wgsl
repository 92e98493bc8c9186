// The same as convFilter.wgsl for small filters in steps of 1, for software adapters: a subgroup takes CHANNELS channels, all their taps and
// LANES · WIDTH columns. A lane keeps all rows (taps, then channels) × its own WIDTH columns in registers. Four neighbouring pixels of a line
// meet a window of x that lanes load together, one pixel each, and have broadcast; going down the lines, each brings one new line of it.
// Reads x, dy. Writes y, sums. Filled in: Rows, accumulate, list_rows, number_of.
// Consts: LANES (a workgroup is one subgroup), CHANNELS, WIDTH, SUMS, CUT (lines of results are no whole fours).
// Sizes: those of convFilter.wgsl, tile_rows (rows of a tile), width (WIDTH again).

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tile_of(workgroup_index(group, groups));
  if (tile.is_past) { return; }

  // 1. Our columns, channels and lines.
  let g = tile.g;
  let column = (tile.block * LANES + lane) * WIDTH;
  let place = tile.place;
  let channel = (place % sizes.row_tiles) * CHANNELS;
  let part = place / sizes.row_tiles;

  // 2. Accumulate; the column sums are those of the first channels.
  let end = min((part + 1u) * sizes.lines, sizes.images * sizes.result_h);
  let rows = accumulate(g * sizes.inner + channel, g * sizes.per_group, column, lane, part * sizes.lines, end);

  // 3. Store, in loops, so that what is fused onto y is compiled once.
  var list = list_rows(rows);
  let first = g * sizes.per_group + column;
  for (var r = 0u; r < sizes.tile_rows; r++) {
    let row = part * sizes.rows + r / CHANNELS * sizes.inner + channel + r % CHANNELS;
    for (var c = 0u; c < sizes.width && column + c < sizes.per_group; c++) { store_y(row * sizes.columns + first + c, number_of(list[r], c)); }
  }
  if (SUMS && channel == 0u) {
    for (var c = 0u; c < sizes.width && column + c < sizes.per_group; c++) {
      store_sums(part * sizes.columns + first + c, number_of(rows.total, c));
    }
  }
}

// Pixel w of line h of an image whose channel starts at `first`; 0 outside.
fn pixel_of_x(first: u32, h: i32, w: i32) -> f32 {
  let is_inside = (u32(h) < sizes.source_h) & (u32(w) < sizes.source_w);
  return select(0.0, load_x(select(first, first + (u32(h) * sizes.source_w + u32(w)) * sizes.pitch, is_inside)), is_inside);
}

// Column `column` of the group whose columns start at `first`, at pixel w of a line.
fn number_of_dy(first: u32, column: u32, w: u32) -> f32 {
  let at = first + min(column, sizes.per_group - 1u);
  if (!CUT) { return load_dy(at + w * sizes.columns); }
  return select(0.0, load_dy(at + min(w, sizes.result_w - 1u) * sizes.columns), w < sizes.result_w);
}
