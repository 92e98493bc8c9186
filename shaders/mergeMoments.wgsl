// Means and variances of parts made one, one thread for each result (Chan, Golub and LeVeque 1979, about the first part that has elements).
// Reads mean, variance and count of `parts` parts for each result; writes mean, variance, unbiased and count of the whole.
// Part p of result i lies at i * result_step + p * part_step. Sizes: results, parts, result_step, part_step.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let first = i * sizes.result_step;

  // 1. The count, and the mean as a distance from a part's.
  var pivot = 0.0f;
  var count = 0u;
  var total = 0.0f;
  for (var p = 0u; p < sizes.parts; p++) {
    let at = first + p * sizes.part_step;
    let n = load_part_count(at);
    if (n == 0u) { continue; }
    let mean = load_part_mean(at);
    if (count == 0u) { pivot = mean; }
    count += n;
    total += f32(n) * (mean - pivot);
  }
  let n = f32(max(count, 1u));
  let distance = total / n;

  // 2. Squares inside the parts and between them.
  var squares = 0.0f;
  for (var p = 0u; p < sizes.parts; p++) {
    let at = first + p * sizes.part_step;
    let part_n = load_part_count(at);
    if (part_n == 0u) { continue; }
    let d = (load_part_mean(at) - pivot) - distance;
    squares += f32(part_n) * (load_part_variance(at) + d * d);
  }
  store_mean(i, pivot + distance);
  store_variance(i, squares / n);
  store_unbiased(i, squares / max(n - 1.0f, 1.0f));
  store_count(i, count);
}
