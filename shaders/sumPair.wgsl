// Two sums over the same elements, a team for each result; with several parts a team adds every `parts`-th element.
// Reads a and b, and for each result center_of(result); writes first (of a) and second (of a (b - center) when IS_PRODUCT, else of b).
// Filled in: center_of, what a team is (see lib/team), and the walk of result or part i (as in reduce.wgsl).
// Sizes: those of the walk, block (elements between two additions to a total, times stride).

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.results)) { return; }
  let i = min(team, sizes.results - 1u);
  let result = result_of(i);
  let first = first_of(result);
  let center = center_of(result);
  var total = vec2f(0.0f);
  for (var start = start_of(i); start < sizes.reduced; start += sizes.block) {
    var some = vec2f(0.0f); // many elements lose no digits: few additions meet a large sum
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.stride) {
      let at = first + step_of(r);
      let a = load_a(at);
      let b = load_b(at);
      some += vec2f(a, select(b, a * (b - center), IS_PRODUCT));
    }
    total += some;
  }
  total = sum_of_team(total, thread);
  if (member == 0u && team < sizes.results) {
    store_first(i, total.x);
    store_second(i, total.y);
  }
}
