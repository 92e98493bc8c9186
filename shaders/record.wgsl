// Logs one step: ring_next[counter mod rows, first + i] = Σ_b of value i, then counter_next = counter + 1. One workgroup, a team for each value.
// Reads counter, values. Writes ring_next (over ring) and counter_next (over counter), both in place.
// Filled in: load_value(i, b), step_now, count_up, what a team is (see lib/team). Sizes: rows, columns, first, count, batch.

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let step = step_now();
  // Loops that whole steps in one kernel must not write out: load_value holds the text of all values.
  var start = 0u;
  while (start < sizes.count) {
    let value = team_of(start / COLUMNS, thread);
    var total = 0.0;
    if (value < sizes.count) {
      var b = member;
      while (b < sizes.batch) {
        total += load_value(value, b);
        b += LANES;
      }
    }
    total = sum_of_team(total, thread);
    if (member == 0u && value < sizes.count) { ring_next[(step % sizes.rows) * sizes.columns + sizes.first + value] = total; }
    start += COLUMNS;
  }
  workgroupBarrier(); // everyone has read the counter before it moves
  if (thread == 0u) { count_up(step); }
}
