// y[i] = Σₚ a[p, i] and z[i] = Σₚ b[p, i]: one thread a result, those of y first.
// Reads a [parts, first], b [parts, second]. Writes y, z. Sizes: parts, first, second.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.first + sizes.second) { return; }
  var total = 0.0f;
  if (i < sizes.first) {
    for (var part = 0u; part < sizes.parts; part++) { total += load_a(part * sizes.first + i); }
    store_y(i, total);
  } else {
    let k = i - sizes.first;
    for (var part = 0u; part < sizes.parts; part++) { total += load_b(part * sizes.second + k); }
    store_z(k, total);
  }
}
