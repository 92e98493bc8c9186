// Adds up the updates that point at each row, in their order: the adjoint of gather, without atomics.
// One thread per row and four columns; it follows the row's chain (see chain.wgsl).
// Reads updates [outer, count, inner], next [count], first [rows]; writes y [outer, rows, inner], inner fastest.
// Filled in: Element. Sizes: outer, count, rows, inner, blocks (threads of a row).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = workgroup_index(group, groups) * 64u + lane;
  let row = thread / sizes.blocks; // of all outer rows
  if (row >= sizes.outer * sizes.rows) { return; }
  let source = (row / sizes.rows) * sizes.count;
  let column = (thread % sizes.blocks) * 4u;
  let columns = min(4u, sizes.inner - column);
  var total: array<Element, 4>;
  for (var j = load_first(row % sizes.rows); j < sizes.count; j = load_next(j)) {
    let i = (source + j) * sizes.inner + column;
    total[0] += load_updates(i);
    if (columns > 1u) { total[1] += load_updates(i + 1u); }
    if (columns > 2u) { total[2] += load_updates(i + 2u); }
    if (columns > 3u) { total[3] += load_updates(i + 3u); }
  }
  for (var c = 0u; c < columns; c++) { store_y(row * sizes.inner + column + c, total[c]); }
}
