// Two sums over the same elements, one thread for each result; with several parts a thread adds every `parts`-th element.
// Reads a and b, and for each result center_of(result); writes first (of a) and second (of a (b - center) when IS_PRODUCT, else of b).
// Filled in: center_of, result_of and part_of (what thread i computes), first_of (first element of a result), step_of (the r-th after it).
// Sizes: results, kept (results without parts), parts, reduced, block (elements between two additions to a total, times parts).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let result = result_of(i);
  let first = first_of(result);
  let center = center_of(result);
  var total = vec2f(0.0f);
  for (var start = part_of(i); start < sizes.reduced; start += sizes.block) {
    var some = vec2f(0.0f); // many elements lose no digits: few additions meet a large sum
    for (var r = start; r < min(sizes.reduced, start + sizes.block); r += sizes.parts) {
      let at = first + step_of(r);
      let a = load_a(at);
      let b = load_b(at);
      some += vec2f(a, select(b, a * (b - center), IS_PRODUCT));
    }
    total += some;
  }
  store_first(i, total.x);
  store_second(i, total.y);
}
