// The largest element of each window of images, and where it lies: the first of equal ones; NaN counts as largest.
// A thread takes one window and a few channels, so that what is worked out for the window serves several results.
// Reads x [images, rows, columns, channels]; writes y and index [images, out_rows, out_columns, channels], channels running fastest.
// An index counts positions of the image in row-major order.
// Filled in: row_span(o) and column_span(o), the first position of window o along an axis and the end of its positions;
// search(image, rows, columns, channel), which is search_in_loops or the same written out.
// Sizes: windows (of all images), rows, columns, channels, out_rows, out_columns, row_step, column_step (distance of a window's taps),
// blocks (threads of a window), block (channels of a thread), and what the spans need.

struct Largest {
  value: f32,
  at: u32,
}

fn larger(found: Largest, image: u32, at: u32, channel: u32) -> Largest {
  let value = load_x((image + at) * sizes.channels + channel);
  let wins = (value > found.value) | is_nan(value);
  return Largest(select(found.value, value, wins), select(found.at, at, wins));
}

fn search_in_loops(image: u32, rows: vec2u, columns: vec2u, channel: u32) -> Largest {
  var found = Largest(-infinity(), rows.x * sizes.columns + columns.x);
  for (var h = rows.x; h < rows.y; h += sizes.row_step) {
    for (var w = columns.x; w < columns.y; w += sizes.column_step) {
      found = larger(found, image, h * sizes.columns + w, channel);
    }
  }
  return found;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = workgroup_index(group, groups) * 64u + lane;
  let window = thread / sizes.blocks;
  if (window >= sizes.windows) { return; }
  let row = window / sizes.out_columns; // of all images
  let rows = row_span(row % sizes.out_rows);
  let columns = column_span(window % sizes.out_columns);
  let image = row / sizes.out_rows * sizes.rows * sizes.columns;
  let first = (thread % sizes.blocks) * sizes.block;
  for (var channel = first; channel < min(first + sizes.block, sizes.channels); channel++) {
    let found = search(image, rows, columns, channel);
    let i = window * sizes.channels + channel;
    store_y(i, found.value);
    store_index(i, found.at);
  }
}
