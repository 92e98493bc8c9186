// Adds up the updates that point at each row, in the order of the updates: the adjoint of gather, without atomics.
// One thread per row and block of columns. It looks through the indices once for the first and last update of its row,
// then goes through what lies between, four columns at a time.
// Reads updates [outer, count, inner], indices [count]; writes y [outer, rows, inner], inner fastest.
// Filled in: Element, row_of (the row that update j points at).
// Sizes: outer, count, rows, inner, block (columns of a thread), blocks (threads of a row).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = workgroup_index(group, groups) * 64u + lane;
  let target_row = thread / sizes.blocks; // of all outer rows
  if (target_row >= sizes.outer * sizes.rows) { return; }
  let row = target_row % sizes.rows;
  let source = (target_row / sizes.rows) * sizes.count;

  // 1. the range of updates
  var first = sizes.count;
  var end = 0u;
  for (var j = 0u; j < sizes.count; j++) {
    if (row_of(j) == row) {
      first = min(first, j);
      end = j + 1u;
    }
  }

  // 2. their sum
  let start = (thread % sizes.blocks) * sizes.block;
  let stop = min(start + sizes.block, sizes.inner);
  for (var column = start; column < stop; column += 4u) {
    var total: array<Element, 4>;
    for (var j = first; j < end; j++) {
      if (row_of(j) != row) { continue; }
      for (var c = 0u; c < 4u; c++) {
        if (column + c < stop) { total[c] += load_updates((source + j) * sizes.inner + column + c); }
      }
    }
    for (var c = 0u; c < 4u; c++) {
      if (column + c < stop) { store_y(target_row * sizes.inner + column + c, total[c]); }
    }
  }
}
