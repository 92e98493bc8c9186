// Computes every stored element of a group of pointwise values, row by row (often all of them are one row). A thread takes several elements of a
// row, 64 apart. Filled in: Ahead (what does not depend on the element), ahead(row), element(i, row, ahead).
// Sizes: row_size (elements of a row), per_thread, chunks (workgroups of a row), groups (of all rows).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = workgroup_index(group, groups);
  if (at >= sizes.groups) { return; }
  let row = at / sizes.chunks;
  let first = at % sizes.chunks * 64u * sizes.per_thread + lane;
  let shared_values = ahead(row);
  for (var turn = 0u; turn < sizes.per_thread; turn++) {
    let within = first + turn * 64u;
    if (within >= sizes.row_size) { return; }
    element(row * sizes.row_size + within, row, shared_values);
  }
}
