// softmax and log-softmax along one axis, one thread for each row: largest element, sum of exponentials, results.
// Reads x (three times), writes y. Row r holds elements first_of(r) + c * inner; rows that lie side by side go to lanes side by side.
// Consts: LOGARITHM (log-softmax), BLOCK (elements added up apart). Sizes: rows, classes (elements of a row), inner (distance of a row's elements).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup_index(group, groups) * 64u + lane;
  if (row >= sizes.rows) { return; }
  let first = row / sizes.inner * sizes.classes * sizes.inner + row % sizes.inner;
  let end = first + sizes.classes * sizes.inner;
  var largest = load_x(first);
  for (var i = first + sizes.inner; i < end; i += sizes.inner) {
    largest = max(largest, load_x(i));
  }
  var total = 0.0f;
  for (var block = first; block < end; block += BLOCK * sizes.inner) {
    var part = 0.0f; // long rows lose no digits: few additions meet a large sum
    for (var i = block; i < min(end, block + BLOCK * sizes.inner); i += sizes.inner) {
      part += float_exp(load_x(i) - largest);
    }
    total += part;
  }
  if (LOGARITHM) {
    let shift = float_log(total);
    for (var i = first; i < end; i += sizes.inner) {
      store_y(i, (load_x(i) - largest) - shift);
    }
  } else {
    for (var i = first; i < end; i += sizes.inner) {
      store_y(i, float_exp(load_x(i) - largest) / total);
    }
  }
}
