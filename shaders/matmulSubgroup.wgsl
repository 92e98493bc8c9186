// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n] as outer products, for software adapters: a subgroup shares ROWS rows, each lane
// keeps ROWS × 4 columns in registers, loads its own few elements of a and has the others broadcast. No workgroup memory, no barriers.
// Reads a, b, bias. Writes y, sums (Σₖ b[k, n]). Filled in: Rows, start_rows, add_outer, store_rows (one line a row and lane).
// Consts: LANES (a workgroup is one subgroup), ROWS, STEP (k's taken per turn, 1 or 4), BIAS, SUMS.
// Sizes: M, K, N, a_m, a_k, b_k, b_n (steps between elements), rows (ROWS again), row_tiles, column_tiles, tiles.

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = workgroup_index(group, groups);
  if (tile >= sizes.tiles) { return; }

  // 1. Our rows, and our lane's four columns. What lies past the end reads the last one and is not stored.
  let per_batch = sizes.row_tiles * sizes.column_tiles;
  let batch = tile / per_batch;
  let row_tile = (tile % per_batch) / sizes.column_tiles;
  let m = row_tile * ROWS;
  let n = (tile % sizes.column_tiles) * LANES * 4u + lane * 4u;
  let columns = min(vec4u(n, n + 1u, n + 2u, n + 3u), vec4u(sizes.N - 1u));
  let b_first = batch * sizes.K * sizes.N + columns * sizes.b_n;
  let a_first = batch * sizes.M * sizes.K;

  // 2. Accumulate, starting from the bias.
  var first = vec4f(0.0);
  if (BIAS) { first = vec4f(load_bias(columns.x), load_bias(columns.y), load_bias(columns.z), load_bias(columns.w)); }
  var rows = start_rows(first);
  let places = places_of(a_first, m, lane);
  var k = 0u;
  if (STEP == 4u) {
    for (; k + 3u < sizes.K; k += 4u) {
      add_outer(&rows, places, k, row_of_b(b_first, k));
      add_outer(&rows, places, k + 1u, row_of_b(b_first, k + 1u));
      add_outer(&rows, places, k + 2u, row_of_b(b_first, k + 2u));
      add_outer(&rows, places, k + 3u, row_of_b(b_first, k + 3u));
    }
  }
  for (; k < sizes.K; k++) { add_outer(&rows, places, k, row_of_b(b_first, k)); }

  // 3. Store.
  store_rows(&rows, batch, m, n);

  // 4. Column sums of b, by the first row of tiles only.
  if (SUMS && row_tile == 0u) {
    var total = vec4f(0.0);
    for (k = 0u; k < sizes.K; k++) { total += row_of_b(b_first, k); }
    for (var c = 0u; n + c < sizes.N && c < 4u; c++) { store_sums(n + c, total[c]); }
  }
}

fn row_of_b(first: vec4u, k: u32) -> vec4f {
  let at = first + k * sizes.b_k;
  return vec4f(load_b(at.x), load_b(at.y), load_b(at.z), load_b(at.w));
}

fn store_row(batch: u32, m: u32, n: u32, row: vec4f) {
  if (m >= sizes.M) { return; }
  let first = (batch * sizes.M + m) * sizes.N + n;
  for (var c = 0u; n + c < sizes.N && c < 4u; c++) { store_y(first + c, row[c]); }
}
