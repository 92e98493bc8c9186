// y[i] = Σₚ a[p, i] and z[i] = Σₚ b[p, i]: a team for each result, those of y first.
// Reads a [parts, first], b [parts, second]. Writes y, z. Filled in: what a team is (see lib/team). Sizes: parts, first, second.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = team_of(workgroup_index(group, groups), thread);
  let k = i - sizes.first;
  var total = 0.0f;
  if (i < sizes.first) {
    for (var part = member; part < sizes.parts; part += LANES) { total += load_a(part * sizes.first + i); }
  } else if (k < sizes.second) {
    for (var part = member; part < sizes.parts; part += LANES) { total += load_b(part * sizes.second + k); }
  }
  total = sum_of_team(total, thread);
  if (member > 0u) { return; }
  if (i < sizes.first) { store_y(i, total); } else if (k < sizes.second) { store_z(k, total); }
}
