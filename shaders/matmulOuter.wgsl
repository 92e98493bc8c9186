// y = bias + a · b as outer products: a worker keeps ROWS rows and 4 columns for each of its lanes in registers. No workgroup memory, no barriers.
// A worker is a subgroup, whose lanes load a few elements of the rows' side each and have everybody's broadcast; or a thread by itself.
// The rows are those of a and the columns those of b, or (SWAPPED) the rows are the columns of b and the columns the rows of a.
// Reads a, b, bias. Writes y, sums (Σₖ b). Filled in: main, kept_line, Rows, columns_of, accumulate, store_rows, store_totals.
// Consts: LANES (of a worker), ROWS, BIAS, SUMS, SWAPPED, IN_FOURS (rows are whole vectors).
// Sizes: row_count, column_count, K, batch_left, batch_right, batch_y (elements of one matrix), left_r, left_k, right_k, right_c, y_r, y_c
// (steps between elements), rows (ROWS again), row_tiles, column_tiles, tiles.

fn multiply(tile: u32, lane: u32) {
  if (tile >= sizes.tiles) { return; }

  // 1. Our rows, and our lane's four columns. What lies past the end reads the last one and is not stored.
  let per_batch = sizes.row_tiles * sizes.column_tiles;
  let batch = tile / per_batch;
  let row_tile = (tile % per_batch) / sizes.column_tiles;
  let column_tile = tile % sizes.column_tiles;
  let r = row_tile * ROWS;
  let c = column_tile * LANES * 4u + lane * 4u;
  let columns = columns_of(c);
  let right_first = batch * sizes.batch_right + columns * sizes.right_c;

  // 2. Accumulate, starting from the bias.
  let rows = accumulate(batch * sizes.batch_left, r, right_first, columns, lane);

  // 3. Store; the sums of b by the first tile of what they do not depend on.
  store_rows(rows, batch * sizes.batch_y, r, c, lane);
  if (SUMS && select(row_tile, column_tile, SWAPPED) == 0u) { store_totals(rows, r, c, lane); }
}

fn store_row(batch: u32, r: u32, c: u32, row: vec4f) {
  if (r >= sizes.row_count) { return; }
  let first = batch + r * sizes.y_r + c * sizes.y_c;
  if (IN_FOURS) {
    if (c < sizes.column_count) { store4_y(first, row); }
    return;
  }
  for (var i = 0u; c + i < sizes.column_count && i < 4u; i++) { store_y(first + i * sizes.y_c, row[i]); }
}

// Sum `i` of a lane's, or of a subgroup's rows: of column `first + i` of b.
fn store_total(first: u32, i: u32, value: f32) {
  let is_ours = select(first + i < sizes.column_count, i < ROWS && first + i < sizes.row_count, SWAPPED);
  if (is_ours) { store_sums(first + i, value); }
}
