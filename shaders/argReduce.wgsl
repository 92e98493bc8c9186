// Finds where the extreme element of each result lies, counting along the reduced axes in row-major order. One thread per result.
// Reads x, writes y (i32). Filled in: Element, first_of, step_of (as in reduce.wgsl), better(v, best).
// Sizes: results, reduced.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let first = first_of(i);
  var best = load_x(first);
  var found = 0u;
  for (var r = 1u; r < sizes.reduced; r++) {
    let v = load_x(first + step_of(r));
    if (better(v, best)) {
      best = v;
      found = r;
    }
  }
  store_y(i, i32(found));
}
