// Logs one step: ring_next[counter mod rows, c] = Σ_b values[c, b], then counter_next = counter + 1. One workgroup, one thread a column.
// Reads counter, values. Writes ring_next (over ring) and counter_next (over counter), both in place.
// Consts: THREADS. Sizes: rows, columns, batch.

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) lane: u32) {
  let step = counter_next[0];
  for (var column = lane; column < sizes.columns; column += THREADS) {
    var total = 0.0;
    for (var b = 0u; b < sizes.batch; b++) { total += load_values(column * sizes.batch + b); }
    ring_next[(step % sizes.rows) * sizes.columns + column] = total;
  }
  workgroupBarrier(); // everyone has read the counter before it moves
  if (lane == 0u) { counter_next[0] = step + 1u; }
}
