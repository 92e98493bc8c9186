// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n] for GPUs: a workgroup makes a tile of ROWS × COLUMNS results. Slabs of both factors, STEP k's
// long, pass through workgroup memory, k by k, rows (or columns) running fastest, in quads; the next slab is fetched while this one is multiplied.
// Reads a, b, bias. Writes y, sums (Σₖ b[k, n]). Split sums: batch p·B + b of y holds the part p of the k's.
// Filled in: Rows, multiply, store_rows (one line a register), fetch_a and fetch_b (4 k's × 4 rows or columns; 0 past the end).
// Consts: THREADS, ROWS, COLUMNS, WARPS (of 4 × 8 threads, side by side along the columns), STEP, BUFFERS (1 or 2 slabs), BIAS, SUMS.
// Sizes: M, K, N, a_m, a_k, b_k, b_n (steps between elements), part (k's of a part), batches, row_tiles, column_tiles, tiles, quads.

const LANES = min(8u, ROWS / 4u); // neighbouring threads that fetch neighbouring quads of a
const SLAB_A = STEP * ROWS / 4u;
const SLAB = SLAB_A + STEP * COLUMNS / 4u;
const MORE = SLAB / 4u > THREADS; // a second block for some threads
const BAND = 8u;

var<workgroup> slabs: array<vec4f, BUFFERS * SLAB>; // of a, then of b

// What a thread carries into a slab: where four lines begin in memory, its first k, where that goes, and how far apart its k's are.
struct Block { lines: vec4u, k: u32, to: u32, pitch: u32 }

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
  let thread_m = thread / 8u % 4u + thread / (32u * WARPS) * 4u;
  let thread_n = thread % 8u + thread / 32u % WARPS * 8u;
  var rows = Rows();
  var sums = vec4f();

  // 3. Slab by slab.
  var next = fetch(thread, first, begin, end);
  var after = mat4x4f();
  if (MORE) { after = fetch(thread + THREADS, second, begin, end); }
  var slab = 0u;
  for (var k = begin; k < end; k += STEP) {
    if (BUFFERS == 1u) { workgroupBarrier(); }
    place(thread, first, slab, next);
    if (MORE) { place(thread + THREADS, second, slab, after); }
    workgroupBarrier();
    if (k + STEP < end) {
      next = fetch(thread, first, k + STEP, end);
      if (MORE) { after = fetch(thread + THREADS, second, k + STEP, end); }
    }
    multiply(&rows, slab + thread_m, slab + SLAB_A + thread_n);
    if (SUMS && m == 0u && thread < COLUMNS / 4u) {
      for (var i = 0u; i < STEP; i++) { sums += slabs[slab + SLAB_A + i * COLUMNS / 4u + thread]; }
    }
    if (BUFFERS == 2u) { slab = SLAB - slab; }
  }

  // 4. Store.
  store_rows(&rows, batch, m + 4u * thread_m, n + 4u * thread_n, BIAS && begin == 0u);
  if (SUMS && m == 0u && thread < COLUMNS / 4u) {
    for (var c = 0u; c < 4u && n + 4u * thread + c < sizes.N; c++) { store_sums(batch * sizes.N + n + 4u * thread + c, sums[c]); }
  }
}

fn block_of(thread: u32, batch: u32, m: u32, n: u32) -> Block {
  let four = vec4u(0u, 1u, 2u, 3u);
  if (thread < SLAB_A / 4u) {
    let quad = thread % LANES + thread / (LANES * STEP / 4u) * LANES;
    let k = thread / LANES % (STEP / 4u) * 4u;
    let lines = batch * sizes.M * sizes.K + min(m + 4u * quad + four, vec4u(sizes.M - 1u)) * sizes.a_m;
    return Block(lines, k, k * ROWS / 4u + quad, ROWS / 4u);
  }
  let i = thread - SLAB_A / 4u;
  let quad = i % 8u + i / (2u * STEP) * 8u;
  let k = i / 8u % (STEP / 4u) * 4u;
  let lines = batch * sizes.K * sizes.N + min(n + 4u * quad + four, vec4u(sizes.N - 1u)) * sizes.b_n;
  return Block(lines, k, SLAB_A + k * COLUMNS / 4u + quad, COLUMNS / 4u);
}

// Columns of the matrix are four k's.
fn fetch(thread: u32, block: Block, k: u32, end: u32) -> mat4x4f {
  if (thread < SLAB_A / 4u) { return fetch_a(block.lines, block.k + k, end); }
  if (thread < SLAB / 4u) { return fetch_b(block.lines, block.k + k, end); }
  return mat4x4f();
}

fn place(thread: u32, block: Block, slab: u32, values: mat4x4f) {
  if (thread >= SLAB / 4u) { return; }
  let to = slab + block.to;
  slabs[to] = values[0]; slabs[to + block.pitch] = values[1]; slabs[to + 2u * block.pitch] = values[2]; slabs[to + 3u * block.pitch] = values[3];
}

fn store_quad(batch: u32, m: u32, n: u32, quad: vec4f, has_bias: bool) {
  if (m >= sizes.M) { return; }
  let first = (batch * sizes.M + m) * sizes.N + n;
  for (var c = 0u; n + c < sizes.N && c < 4u; c++) {
    var value = quad[c];
    if (has_bias) { value += load_bias(n + c); }
    store_y(first + c, value);
  }
}
