// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n] for GPUs: a workgroup makes a tile of ROWS × COLUMNS results. Slabs of both factors, STEP k's
// long, pass through workgroup memory, k by k, rows (or columns) running fastest, in quads; the next slab is fetched while this one is multiplied.
// Reads a, b, bias. Writes y, sums (Σₖ b[k, n]). Split sums: batch p·B + b of y holds the part p of the k's.
// Filled in: Rows, start_rows, multiply, store_rows (one line a register), fetch_a and fetch_b (4 k's × 4 rows or columns; 0 past the end).
// Consts: THREADS, ROW_LANES and COLUMN_LANES (threads of a warp along each side), COLUMN_WARPS, ROWS, COLUMNS, ROW_QUADS, COLUMN_QUADS,
// A_LANES and B_LANES (neighbouring threads that fetch neighbouring quads), STEP, BUFFERS (1 or 2 slabs), BIAS, SUMS.
// Sizes: M, K, N, a_m, a_k, b_k, b_n (steps between elements), part (k's of a part), batches, row_tiles, column_tiles, tiles, quads.

var<workgroup> tile_a: array<vec4f, BUFFERS * STEP * ROW_QUADS>;
var<workgroup> tile_b: array<vec4f, BUFFERS * STEP * COLUMN_QUADS>;

const BAND = 8u;
const BLOCKS_A = ROW_QUADS * STEP / 4u;
const BLOCKS = BLOCKS_A + COLUMN_QUADS * STEP / 4u;

// What one thread carries into the tile: where four lines begin in memory, its first k, and where that goes.
struct Block { lines: vec4u, k: u32, to: u32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = workgroup_index(group, groups);
  if (tile >= sizes.tiles) { return; }

  // 1. Our tile: bands of 8 rows of tiles, column by column, so that those at work at the same time share what they read.
  let per_batch = sizes.row_tiles * sizes.column_tiles;
  let batch = tile / per_batch;
  let band = tile % per_batch / (BAND * sizes.column_tiles) * BAND;
  let inside = tile % per_batch - band * sizes.column_tiles;
  let height = min(BAND, sizes.row_tiles - band);
  let m = (band + inside % height) * ROWS;
  let n = inside / height * COLUMNS;
  let begin = batch / sizes.batches * sizes.part;
  let end = min(begin + sizes.part, sizes.K);

  // 2. Our thread's blocks of the slabs, and its registers.
  let first = block_of(thread, batch % sizes.batches, m, n);
  let second = block_of(thread + THREADS, batch % sizes.batches, m, n);
  let thread_m = thread / COLUMN_LANES % ROW_LANES + thread / (32u * COLUMN_WARPS) * ROW_LANES;
  let thread_n = thread % COLUMN_LANES + thread / 32u % COLUMN_WARPS * COLUMN_LANES;
  var rows = start_rows(n + 4u * thread_n, BIAS && begin == 0u);
  var sums = vec4f();

  // 3. Slab by slab.
  var next = fetch(thread, first, begin, end);
  var after = mat4x4f();
  if (BLOCKS > THREADS) { after = fetch(thread + THREADS, second, begin, end); }
  var buffer = 0u;
  for (var k = begin; k < end; k += STEP) {
    if (BUFFERS == 1u) { workgroupBarrier(); }
    place(thread, first.to, buffer, next);
    if (BLOCKS > THREADS) { place(thread + THREADS, second.to, buffer, after); }
    workgroupBarrier();
    if (k + STEP < end) {
      next = fetch(thread, first, k + STEP, end);
      if (BLOCKS > THREADS) { after = fetch(thread + THREADS, second, k + STEP, end); }
    }
    multiply(&rows, thread_m, thread_n, buffer);
    if (SUMS && m == 0u && thread < COLUMN_QUADS) {
      for (var i = 0u; i < STEP; i++) { sums += tile_b[(buffer * STEP + i) * COLUMN_QUADS + thread]; }
    }
    if (BUFFERS == 2u) { buffer = 1u - buffer; }
  }

  // 4. Store.
  store_rows(&rows, batch, m + 4u * thread_m, n + 4u * thread_n);
  if (SUMS && m == 0u && thread < COLUMN_QUADS) {
    for (var c = 0u; c < min(4u, sizes.N - min(sizes.N, n + 4u * thread)); c++) { store_sums(batch * sizes.N + n + 4u * thread + c, sums[c]); }
  }
}

fn block_of(i: u32, batch: u32, m: u32, n: u32) -> Block {
  let four = vec4u(0u, 1u, 2u, 3u);
  if (i < BLOCKS_A) {
    let quad = i % A_LANES + i / (A_LANES * STEP / 4u) * A_LANES;
    let k = i / A_LANES % (STEP / 4u) * 4u;
    let lines = batch * sizes.M * sizes.K + min(m + 4u * quad + four, vec4u(sizes.M - 1u)) * sizes.a_m;
    return Block(lines, k, k * ROW_QUADS + quad);
  }
  let j = i - BLOCKS_A;
  let quad = j % B_LANES + j / (B_LANES * STEP / 4u) * B_LANES;
  let k = j / B_LANES % (STEP / 4u) * 4u;
  let lines = batch * sizes.K * sizes.N + min(n + 4u * quad + four, vec4u(sizes.N - 1u)) * sizes.b_n;
  return Block(lines, k, k * COLUMN_QUADS + quad);
}

// Columns of the matrix are four k's.
fn fetch(i: u32, block: Block, k: u32, end: u32) -> mat4x4f {
  if (i < BLOCKS_A) { return fetch_a(block.lines, block.k + k, end); }
  if (i < BLOCKS) { return fetch_b(block.lines, block.k + k, end); }
  return mat4x4f();
}

fn place(i: u32, to: u32, buffer: u32, values: mat4x4f) {
  if (i < BLOCKS_A) {
    let at = buffer * STEP * ROW_QUADS + to;
    tile_a[at] = values[0]; tile_a[at + ROW_QUADS] = values[1]; tile_a[at + 2u * ROW_QUADS] = values[2]; tile_a[at + 3u * ROW_QUADS] = values[3];
  } else if (i < BLOCKS) {
    let at = buffer * STEP * COLUMN_QUADS + to;
    tile_b[at] = values[0]; tile_b[at + COLUMN_QUADS] = values[1]; tile_b[at + 2u * COLUMN_QUADS] = values[2]; tile_b[at + 3u * COLUMN_QUADS] = values[3];
  }
}

fn store_quad(batch: u32, m: u32, n: u32, quad: vec4f) {
  if (m >= sizes.M) { return; }
  let first = (batch * sizes.M + m) * sizes.N + n;
  for (var c = 0u; n + c < sizes.N && c < 4u; c++) { store_y(first + c, quad[c]); }
}
