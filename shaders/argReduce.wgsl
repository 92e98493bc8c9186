// Finds where the extreme element of each result lies, counting along the reduced axes in row-major order. A team for each result.
// Reads x, writes y (i32). Filled in: Element, first_of, step_of (as in reduce.wgsl), better(v, best), what a team is (see lib/team).
// Sizes: results, reduced.

struct Found { value: Element, at: u32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = team_of(workgroup_index(group, groups), thread);
  if (may_leave(i >= sizes.results)) { return; }
  let first = first_of(min(i, sizes.results - 1u));
  var best = Found(load_x(first + step_of(member)), member);
  for (var r = member + LANES; r < sizes.reduced; r += LANES) {
    let v = load_x(first + step_of(r));
    if (better(v, best.value)) { best = Found(v, r); }
  }
  best = best_of_team(best, thread);
  if (member == 0u && i < sizes.results) { store_y(i, i32(best.at)); }
}
