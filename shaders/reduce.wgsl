// Folds elements into one result per thread, in row-major order, so that the order of rounding never changes.
// With several parts a thread folds every `parts`-th element only, and its result is one part of the whole.
// Reads x, writes y. Filled in: Element, result_of and part_of (what thread i computes), first_of (first element of a result),
// step_of (the r-th after it), combine.
// Sizes: results, kept (results without parts), parts, reduced.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroup_index(group, groups) * 64u + lane;
  if (i >= sizes.results) { return; }
  let first = first_of(result_of(i));
  let part = part_of(i);
  var total = load_x(first + step_of(part));
  for (var r = part + sizes.parts; r < sizes.reduced; r += sizes.parts) {
    total = combine(total, load_x(first + step_of(r)));
  }
  store_y(i, total);
}
