// The same as convFilter.wgsl as outer products, for software adapters: a subgroup takes 4 · LANES rows (taps and channels) and COLUMNS
// columns; a lane keeps 4 rows × COLUMNS sums in registers, loads its own rows of x and its own few columns of dy, and has everybody's
// columns broadcast. Reads x, dy. Writes y, sums. Filled in: kept_line, Rows, accumulate, list_rows, store_totals.
// Consts: LANES (a workgroup is one subgroup), COLUMNS, SUMS, PADDED. Sizes: those of convFilter.wgsl, and width (COLUMNS again).

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = workgroup_index(group, groups);
  if (tile >= sizes.tiles) { return; }

  // 1. Our columns, rows and lines.
  let block = tile % (sizes.blocks * sizes.groups);
  let g = block / sizes.blocks;
  let column = (block % sizes.blocks) * COLUMNS;
  let place = tile / (sizes.blocks * sizes.groups);
  let row = (place % sizes.row_tiles) * 4u * LANES + lane * 4u;
  let part = place / sizes.row_tiles;

  // 2. Accumulate; the column sums are those of the first tile of rows.
  let sums = accumulate(rows_of(row, g), g, column, lane, part * sizes.lines, min((part + 1u) * sizes.lines, sizes.images * sizes.result_h));

  // 3. Store, in loops, so that what is fused onto y is compiled once.
  var list = list_rows(sums);
  let first = part * sizes.rows * sizes.columns + g * sizes.per_group + column;
  for (var r = 0u; r < 4u && row + r < sizes.rows; r++) {
    for (var c = 0u; c < sizes.width && column + c < sizes.per_group; c++) { store_y(first + (row + r) * sizes.columns + c, list[kept_line(c, lane)][r]); }
  }
  if (SUMS && place % sizes.row_tiles == 0u) { store_totals(sums, part * sizes.columns + g * sizes.per_group, column, lane); }
}

// Where a lane's column of dy starts.
fn dy_place(g: u32, column: u32) -> u32 {
  return g * sizes.per_group + min(column, sizes.per_group - 1u);
}

fn store_total(first: u32, column: u32, value: f32) {
  if (column < sizes.per_group) { store_sums(first + column, value); }
}
