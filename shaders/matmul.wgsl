// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n], and optionally sums[n] = Σₖ b[k, n].
// A thread keeps ROWS rows × 4 columns in registers and reads straight from memory: no workgroup memory, no barriers.
// Reads a, b, bias. Writes y, sums. Steps between elements (a_m, a_k, b_k, b_n) make every layout the same code.
// Consts: ROWS (1, 2, 4, 8), BIAS, SUMS, LANES_ALONG_ROWS (neighbouring threads take neighbouring rows, for narrow results).
// Sizes: M, K, N, a_m, a_k, b_k, b_n, rows (ROWS again), row_tiles, column_tiles, tiles.

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = workgroup_index(group, groups) * 32u + lane;
  if (tile >= sizes.tiles) { return; }

  // 1. Which rows and columns are ours.
  let per_batch = sizes.row_tiles * sizes.column_tiles;
  let batch = tile / per_batch;
  let inside = tile % per_batch;
  let row_tile = select(inside / sizes.column_tiles, inside % sizes.row_tiles, LANES_ALONG_ROWS);
  let column_tile = select(inside % sizes.column_tiles, inside / sizes.row_tiles, LANES_ALONG_ROWS);
  let m = row_tile * ROWS;
  let n = column_tile * 4u;

  // 2. Where they start; rows and columns past the end read the last one and are not stored.
  let last_row = sizes.M - 1u;
  let columns = min(vec4u(n, n + 1u, n + 2u, n + 3u), vec4u(sizes.N - 1u));
  let b_first = batch * sizes.K * sizes.N + columns * sizes.b_n;
  let a_first = batch * sizes.M * sizes.K;
  let a0 = a_first + min(m, last_row) * sizes.a_m;
  let a1 = a_first + min(m + 1u, last_row) * sizes.a_m;
  let a2 = a_first + min(m + 2u, last_row) * sizes.a_m;
  let a3 = a_first + min(m + 3u, last_row) * sizes.a_m;
  let a4 = a_first + min(m + 4u, last_row) * sizes.a_m;
  let a5 = a_first + min(m + 5u, last_row) * sizes.a_m;
  let a6 = a_first + min(m + 6u, last_row) * sizes.a_m;
  let a7 = a_first + min(m + 7u, last_row) * sizes.a_m;

  // 3. Accumulate, starting from the bias.
  var y0 = vec4f(0.0);
  if (BIAS) { y0 = vec4f(load_bias(columns.x), load_bias(columns.y), load_bias(columns.z), load_bias(columns.w)); }
  var y1 = y0; var y2 = y0; var y3 = y0; var y4 = y0; var y5 = y0; var y6 = y0; var y7 = y0;
  for (var k = 0u; k < sizes.K; k++) {
    let at = b_first + k * sizes.b_k;
    let row = vec4f(load_b(at.x), load_b(at.y), load_b(at.z), load_b(at.w));
    let step = k * sizes.a_k;
    y0 += load_a(a0 + step) * row;
    if (ROWS > 1u) { y1 += load_a(a1 + step) * row; }
    if (ROWS > 2u) { y2 += load_a(a2 + step) * row; y3 += load_a(a3 + step) * row; }
    if (ROWS > 4u) {
      y4 += load_a(a4 + step) * row; y5 += load_a(a5 + step) * row;
      y6 += load_a(a6 + step) * row; y7 += load_a(a7 + step) * row;
    }
  }

  // 4. Store. A loop with a bound known at run time, so that what is fused onto y is compiled once.
  var rows = array<vec4f, 8>(y0, y1, y2, y3, y4, y5, y6, y7);
  for (var r = 0u; r < sizes.rows; r++) { store_row(batch, m + r, n, rows[r]); }

  // 5. Column sums of b, by the first row of tiles only.
  if (SUMS && row_tile == 0u) {
    var total = vec4f(0.0);
    for (var k = 0u; k < sizes.K; k++) {
      let at = b_first + k * sizes.b_k;
      total += vec4f(load_b(at.x), load_b(at.y), load_b(at.z), load_b(at.w));
    }
    for (var c = 0u; c < min(4u, sizes.N - n); c++) { store_sums(n + c, total[c]); }
  }
}

fn store_row(batch: u32, m: u32, n: u32, row: vec4f) {
  if (m >= sizes.M) { return; }
  let first = (batch * sizes.M + m) * sizes.N + n;
  for (var c = 0u; n + c < sizes.N && c < 4u; c++) { store_y(first + c, row[c]); }
}
