// Logs one step: ring_next[counter mod rows, c] = Σ_b values[c, b], then counter_next = counter + 1. One workgroup, LANES threads a column (see lib/lanes).
// Reads counter, values. Writes ring_next (over ring) and counter_next (over counter), both in place.
// Consts: THREADS, LANES. Sizes: rows, columns, batch.

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) lane: u32) {
  let step = counter_next[0];
  for (var first = 0u; first < sizes.columns; first += COLUMNS) {
    let column = first + lane % COLUMNS;
    var total = 0.0;
    if (column < sizes.columns) {
      for (var b = lane / COLUMNS; b < sizes.batch; b += LANES) { total += load_values(column * sizes.batch + b); }
    }
    total = sum_of_lanes(total, lane);
    if (lane < COLUMNS && column < sizes.columns) { ring_next[(step % sizes.rows) * sizes.columns + column] = total; }
  }
  workgroupBarrier(); // everyone has read the counter before it moves
  if (lane == 0u) { counter_next[0] = step + 1u; }
}
