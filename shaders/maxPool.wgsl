// The largest element of each window of images, and where it lies: the first of equal ones; NaN counts as largest.
// A thread takes one window and a few channels, so that what is worked out for the window serves several results.
// Reads x [images, rows, columns, channels]; writes y and index [images, out_rows, out_columns, channels], channels running fastest.
// An index counts positions of the image in row-major order.
// Filled in: row_span(o) and column_span(o), the first position of window o along an axis and the end of its positions.
// Sizes: windows (of all images), rows, columns, channels, out_rows, out_columns, row_step, column_step (distance of a window's taps),
// blocks (threads of a window), block (channels of a thread), and what the spans need.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = workgroup_index(group, groups) * 64u + lane;
  let window = thread / sizes.blocks;
  if (window >= sizes.windows) { return; }
  let row = window / sizes.out_columns; // of all images
  let rows = row_span(row % sizes.out_rows);
  let columns = column_span(window % sizes.out_columns);
  let image = row / sizes.out_rows * sizes.rows * sizes.columns;
  let channel = (thread % sizes.blocks) * sizes.block;
  for (var c = channel; c < min(channel + sizes.block, sizes.channels); c++) {
    var best = -infinity();
    var found = rows.x * sizes.columns + columns.x;
    for (var h = rows.x; h < rows.y; h += sizes.row_step) {
      for (var w = columns.x; w < columns.y; w += sizes.column_step) {
        let at = h * sizes.columns + w;
        let value = load_x((image + at) * sizes.channels + c);
        if (value > best || is_nan(value)) {
          best = value;
          found = at;
        }
      }
    }
    let i = window * sizes.channels + c;
    store_y(i, best);
    store_index(i, found);
  }
}
