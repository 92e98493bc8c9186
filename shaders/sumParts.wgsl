// y[i] = Σₚ a[p, i] and z[i] = Σₚ b[p, i]: COLUMNS results a workgroup, those of y first, LANES threads each (see lib/lanes).
// Reads a [parts, first], b [parts, second]. Writes y, z. Consts: THREADS, LANES. Sizes: parts, first, second.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * COLUMNS + lane % COLUMNS;
  let k = i - sizes.first;
  var total = 0.0f;
  if (i < sizes.first) {
    for (var part = lane / COLUMNS; part < sizes.parts; part += LANES) { total += load_a(part * sizes.first + i); }
  } else if (k < sizes.second) {
    for (var part = lane / COLUMNS; part < sizes.parts; part += LANES) { total += load_b(part * sizes.second + k); }
  }
  total = sum_of_lanes(total, lane);
  if (lane >= COLUMNS) { return; }
  if (i < sizes.first) { store_y(i, total); } else if (k < sizes.second) { store_z(k, total); }
}
