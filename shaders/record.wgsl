// Logs one step: ring_next[counter mod rows, c] = Σ_b values[c, b], then counter_next = counter + 1. One workgroup, a team for each column.
// Reads counter, values. Writes ring_next (over ring) and counter_next (over counter), both in place.
// Filled in: what a team is (see lib/team). Sizes: rows, columns, batch.

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let step = counter_next[0];
  for (var turn = 0u; turn * COLUMNS < sizes.columns; turn++) {
    let column = team_of(turn, thread);
    var total = 0.0;
    if (column < sizes.columns) {
      let end = (column + 1u) * sizes.batch;
      for (var i = column * sizes.batch + member; i < end; i += LANES) { total += load_values(i); }
    }
    total = sum_of_team(total, thread);
    if (member == 0u && column < sizes.columns) { ring_next[(step % sizes.rows) * sizes.columns + column] = total; }
  }
  workgroupBarrier(); // everyone has read the counter before it moves
  if (thread == 0u) { counter_next[0] = step + 1u; }
}
