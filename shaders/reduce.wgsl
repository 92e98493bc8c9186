// Folds elements into one result per thread, in row-major order, so that the order of rounding never changes.
// Reads x, writes y. Filled in: Element, first_of (first element of a result), step_of (the r-th after it), combine.
// Sizes: results, reduced.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let first = first_of(i);
  var total = load_x(first);
  for (var r = 1u; r < sizes.reduced; r++) {
    total = combine(total, load_x(first + step_of(r)));
  }
  store_y(i, total);
}
