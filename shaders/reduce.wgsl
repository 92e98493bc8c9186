// Folds elements into one result per team, each lane's in row-major order and then the lanes', so that the order of rounding never changes.
// With several parts a team folds every `parts`-th element only, and its result is one part of the whole.
// Reads x (value_at: one element, or four folded), writes y. Filled in: Element, combine, what a team is (see lib/team), and the walk of result or
// part i: result_of, first_of (first element of a result), step_of (the r-th after it), start_of (the lane's first r).
// Sizes: results, kept (results without parts), parts, reduced, step and stride (from one lane's element to the next lane's, and to its own next).

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.results)) { return; }
  let i = min(team, sizes.results - 1u);
  let first = first_of(result_of(i));
  let start = start_of(i);
  var total = value_at(first + step_of(start));
  for (var r = start + sizes.stride; r < sizes.reduced; r += sizes.stride) {
    total = combine(total, value_at(first + step_of(r)));
  }
  total = fold_team(total, thread);
  if (member == 0u && team < sizes.results) { store_y(i, total); }
}
