// Logs one step: ring_next[counter mod rows, first + i] = Σ_b of value i, then counter_next = counter + 1. One workgroup, LANES threads a value (see lib/lanes).
// Reads counter, values. Writes ring_next (over ring) and counter_next (over counter), both in place. Filled in: load_value(i, b), step_now, count_up.
// Consts: THREADS, LANES. Sizes: rows, columns, first, count, batch.

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) lane: u32) {
  let step = step_now();
  for (var start = 0u; start < sizes.count; start += COLUMNS) {
    let value = start + lane % COLUMNS;
    var total = 0.0;
    if (value < sizes.count) {
      for (var b = lane / COLUMNS; b < sizes.batch; b += LANES) { total += load_value(value, b); }
    }
    total = sum_of_lanes(total, lane);
    if (lane < COLUMNS && value < sizes.count) { ring_next[(step % sizes.rows) * sizes.columns + sizes.first + value] = total; }
  }
  workgroupBarrier(); // everyone has read the counter before it moves
  if (lane == 0u) { count_up(step); }
}
