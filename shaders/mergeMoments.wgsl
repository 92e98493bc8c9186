// Means and variances of parts made one, a team for each result (Chan, Golub and LeVeque 1979, about the first part that has elements).
// Reads mean, variance and count of `parts` parts for each result; writes mean, variance, unbiased and count of the whole.
// Part p of result i lies at i * result_step + p * part_step. Filled in: what a team is (see lib/team). Sizes: results, parts, result_step, part_step.

struct Total { count: u32, sum: f32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.results)) { return; }
  let i = min(team, sizes.results - 1u);
  let first = i * sizes.result_step;

  // 1. The pivot: the mean of the first part that has elements.
  var pivot_part = member;
  while (pivot_part < sizes.parts && load_part_count(first + pivot_part * sizes.part_step) == 0u) { pivot_part += LANES; }
  pivot_part = least_of_team(pivot_part, thread);
  var pivot = 0.0f;
  if (pivot_part < sizes.parts) { pivot = load_part_mean(first + pivot_part * sizes.part_step); }

  // 2. The count, and the mean as a distance from the pivot.
  var total = Total(0u, 0.0f);
  for (var p = member; p < sizes.parts; p += LANES) {
    let at = first + p * sizes.part_step;
    let n = load_part_count(at);
    if (n == 0u) { continue; }
    total.count += n;
    total.sum += f32(n) * (load_part_mean(at) - pivot);
  }
  total = total_of_team(total, thread);
  let n = f32(max(total.count, 1u));
  let distance = total.sum / n;

  // 3. Squares inside the parts and between them.
  var squares = 0.0f;
  for (var p = member; p < sizes.parts; p += LANES) {
    let at = first + p * sizes.part_step;
    let part_n = load_part_count(at);
    if (part_n == 0u) { continue; }
    let d = (load_part_mean(at) - pivot) - distance;
    squares += f32(part_n) * (load_part_variance(at) + d * d);
  }
  squares = sum_of_team(squares, thread);
  if (member > 0u || team >= sizes.results) { return; }
  store_mean(i, pivot + distance);
  store_variance(i, squares / n);
  store_unbiased(i, squares / max(n - 1.0f, 1.0f));
  store_count(i, total.count);
}
