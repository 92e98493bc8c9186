// Mean and variance of the elements that count, one thread for each result; with several parts a thread sees every `parts`-th element.
// Two passes about a pivot, the first element that counts: a mean that is large beside the deviation costs no digits.
// Reads x twice, and a mask through is_counted; writes mean, variance, unbiased (the variance by count - 1) and count; all 0 where nothing counts.
// Filled in: result_of and part_of (what thread i computes), first_of (first element of a result), step_of (the r-th after it), is_counted.
// Sizes: results, kept (results without parts), parts, reduced, block (elements between two additions to a total, times parts).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let result = result_of(i);
  let first = first_of(result);
  let part = part_of(i);

  // 1. The pivot, the count, and the mean as a distance from the pivot.
  var pivot = 0.0f;
  var count = 0u;
  var total = 0.0f;
  for (var start = part; start < sizes.reduced; start += sizes.block) {
    var some = 0.0f; // many elements lose no digits: few additions meet a large sum
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.parts) {
      if (!is_counted(result, r)) { continue; }
      let x = load_x(first + step_of(r));
      if (count == 0u) { pivot = x; }
      count++;
      some += x - pivot;
    }
    total += some;
  }
  let n = f32(max(count, 1u));
  let distance = total / n;

  // 2. Squares about the mean; `rest` would be 0 but for the rounding of the mean.
  var squares = 0.0f;
  var rest = 0.0f;
  for (var start = part; start < sizes.reduced; start += sizes.block) {
    var some = vec2f(0.0f);
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.parts) {
      if (!is_counted(result, r)) { continue; }
      let d = (load_x(first + step_of(r)) - pivot) - distance;
      some += vec2f(d * d, d);
    }
    squares += some.x;
    rest += some.y;
  }
  let spread = squares - rest * rest / n;
  store_mean(i, pivot + distance);
  store_variance(i, spread / n);
  store_unbiased(i, spread / max(n - 1.0f, 1.0f));
  store_count(i, count);
}
