// Mean and variance of the elements that count, a team for each result; with several parts a team sees every `parts`-th element.
// Two passes about a pivot, the first element that counts: a mean that is large beside the deviation costs no digits.
// Reads x twice, and a mask through is_counted; writes mean, variance, unbiased (the variance by count - 1) and count; all 0 where nothing counts.
// Filled in: is_counted, what a team is (see lib/team), and the walk of result or part i (as in reduce.wgsl).
// Sizes: those of the walk, block (elements between two additions to a total, times stride).

struct Total { count: u32, sum: f32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.results)) { return; }
  let i = min(team, sizes.results - 1u);
  let result = result_of(i);
  let first = first_of(result);
  let begin = start_of(i);

  // 1. The pivot.
  var pivot_at = begin;
  while (pivot_at < sizes.reduced && !is_counted(result, pivot_at)) { pivot_at += sizes.stride; }
  pivot_at = least_of_team(pivot_at, thread);
  var pivot = 0.0f;
  if (pivot_at < sizes.reduced) { pivot = load_x(first + step_of(pivot_at)); }

  // 2. The count, and the mean as a distance from the pivot.
  var total = Total(0u, 0.0f);
  for (var start = begin; start < sizes.reduced; start += sizes.block) {
    var some = 0.0f; // many elements lose no digits: few additions meet a large sum
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.stride) {
      if (!is_counted(result, r)) { continue; }
      total.count++;
      some += load_x(first + step_of(r)) - pivot;
    }
    total.sum += some;
  }
  total = total_of_team(total, thread);
  let n = f32(max(total.count, 1u));
  let distance = total.sum / n;

  // 3. Squares about the mean; the sum of the distances would be 0 but for the rounding of the mean.
  var squares = vec2f(0.0f);
  for (var start = begin; start < sizes.reduced; start += sizes.block) {
    var some = vec2f(0.0f);
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.stride) {
      if (!is_counted(result, r)) { continue; }
      let d = (load_x(first + step_of(r)) - pivot) - distance;
      some += vec2f(d * d, d);
    }
    squares += some;
  }
  squares = sum_of_team(squares, thread);
  if (member > 0u || team >= sizes.results) { return; }
  let spread = squares.x - squares.y * squares.y / n;
  store_mean(i, pivot + distance);
  store_variance(i, spread / n);
  store_unbiased(i, spread / max(n - 1.0f, 1.0f));
  store_count(i, total.count);
}
