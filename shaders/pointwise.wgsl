// Computes every stored element of a group of pointwise values. A thread takes several elements, 64 apart.
// Filled in: Ahead (what does not depend on the element), ahead(), element(i, ahead).
// Sizes: count, per_thread.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = workgroup_index(group, groups) * 64u * sizes.per_thread + lane;
  let shared_values = ahead();
  for (var turn = 0u; turn < sizes.per_thread; turn++) {
    let i = first + turn * 64u;
    if (i >= sizes.count) { return; }
    element(i, shared_values);
  }
}
