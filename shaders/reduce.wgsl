// Folds elements into one result per team, each lane's in row-major order and then the lanes', so that the order of rounding never changes.
// With several parts a team folds one part only, and its result is one part of the whole.
// Reads x (value_at: one element, or four folded), writes y. Filled in: Element, combine, what a team is (see lib/team), and the walk of result or
// part i: result_of, first_of (first element of a result), step_of (the r-th after it), start_of and end_of (the lane's first r, and the end of all).
// Sizes: results, kept (results without parts), parts, reduced, stride (elements between two of a lane's), and what start_of and end_of need.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.results)) { return; }
  let i = min(team, sizes.results - 1u);
  let first = first_of(result_of(i));
  let start = start_of(i);
  let end = end_of(i);
  var total = value_at(first + step_of(start));
  for (var r = start + sizes.stride; r < end; r += sizes.stride) {
    total = combine(total, value_at(first + step_of(r)));
  }
  total = fold_team(total, thread);
  if (member == 0u && team < sizes.results) { store_y(i, total); }
}
