// Links the updates that point at the same row into a chain: where each row's first update is, and which update follows each one.
// One thread per update, then one per row; each looks ahead until it finds its row.
// Reads indices [count]; writes next [count] and first [rows]; `count` stands for none. Filled in: row_of (the row that update j points at).
// Sizes: count, rows.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = workgroup_index(group, groups) * 64u + lane;
  if (thread >= sizes.count + sizes.rows) { return; }
  let is_row = thread >= sizes.count;
  var row = thread - sizes.count;
  var j = 0u;
  if (!is_row) {
    row = row_of(thread);
    j = thread + 1u;
  }
  while (j < sizes.count) {
    if (row_of(j) == row) { break; }
    j++;
  }
  if (is_row) { store_first(row, j); } else { store_next(thread, j); }
}
