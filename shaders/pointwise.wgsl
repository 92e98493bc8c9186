// Computes every stored element of a group of pointwise values, row by row (often all of them are one row). A thread takes several elements of a
// row, THREADS apart. Filled in: Ahead (what does not depend on the element), ahead(row), element(i, row, ahead).
// Consts: THREADS, CHUNKS (workgroups of a row, constant because software adapters divide lane by lane; the largest number for one row).
// Sizes: row_size (elements of a row), per_thread, groups (workgroups of all rows).

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = workgroup_index(group, groups);
  if (at >= sizes.groups) { return; }
  let row = at / CHUNKS;
  let first = at % CHUNKS * THREADS * sizes.per_thread + lane;
  let known = ahead(row);
  for (var turn = 0u; turn < sizes.per_thread; turn++) {
    let within = first + turn * THREADS;
    if (within >= sizes.row_size) { return; }
    element(row * sizes.row_size + within, row, known);
  }
}
