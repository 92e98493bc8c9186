// softmax and log-softmax along one axis, a team for each row: largest element, sum of exponentials, results.
// Reads x (three times), writes y. Row r holds elements first_of(r) + c * inner; rows that lie side by side go to threads side by side.
// Filled in: what a team is (see lib/team). Consts: LOGARITHM (log-softmax), BLOCK (elements added up apart).
// Sizes: rows, classes (elements of a row), inner (distance of a row's elements).

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.rows)) { return; }
  let row = min(team, sizes.rows - 1u);
  let start = row / sizes.inner * sizes.classes * sizes.inner + row % sizes.inner;
  let end = start + sizes.classes * sizes.inner;
  let first = start + member * sizes.inner;
  let stride = LANES * sizes.inner;
  var largest = load_x(first);
  for (var i = first + stride; i < end; i += stride) {
    largest = max(largest, load_x(i));
  }
  largest = largest_of_team(largest, thread);
  var total = 0.0f;
  for (var block = first; block < end; block += BLOCK * stride) {
    var part = 0.0f; // long rows lose no digits: few additions meet a large sum
    for (var i = block; i < min(end, block + BLOCK * stride); i += stride) {
      part += float_exp(load_x(i) - largest);
    }
    total += part;
  }
  total = sum_of_team(total, thread);
  if (team >= sizes.rows) { return; }
  if (LOGARITHM) {
    let shift = float_log(total);
    for (var i = first; i < end; i += stride) {
      store_y(i, (load_x(i) - largest) - shift);
    }
  } else {
    for (var i = first; i < end; i += stride) {
      store_y(i, float_exp(load_x(i) - largest) / total);
    }
  }
}
