// y[part, t, c, n] = Σ over images and result pixels of x[image, source of the pixel and t, c] · dy[image, pixel, n]: the gradient of a
// convolution by its filter, and optionally sums[part, n] = Σ dy. A thread keeps 4 rows (taps and channels, in their order in memory)
// × 4 columns in registers. For any adapter. Each part takes a run of result lines.
// Reads x, dy. Writes y, sums. Consts: THREADS, SUMS, PADDED (some taps miss the image), FOURS (whole fours of columns).
// Sizes: images, result_h, result_w, source_h, source_w, pitch (channels of x), columns (channels of dy), per_group (of them), inner
// (channels of x per group), taps_w, stride_h …, before_w, rows (taps × inner), row_tiles, blocks (of columns, per group), groups, parts,
// lines (result lines a part), block (lines between two additions to a total), tiles.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = workgroup_index(group, groups) * THREADS + lane;
  if (tile >= sizes.tiles) { return; }

  // 1. Our columns, rows and lines.
  let block = tile % (sizes.blocks * sizes.groups);
  let g = block / sizes.blocks;
  let local = (block % sizes.blocks) * 4u;
  let columns = min(vec4u(local, local + 1u, local + 2u, local + 3u), vec4u(sizes.per_group - 1u)) + g * sizes.per_group;
  let place = tile / (sizes.blocks * sizes.groups);
  let row = (place % sizes.row_tiles) * 4u;
  let part = place / sizes.row_tiles;
  let rows = rows_of(row, g);

  // 2. Accumulate.
  var list = array<vec4f, 4>();
  var total = vec4f(0.0);
  let end = min((part + 1u) * sizes.lines, sizes.images * sizes.result_h);
  for (var line = part * sizes.lines; line < end;) {
    var y0 = vec4f(0.0); var y1 = vec4f(0.0); var y2 = vec4f(0.0); var y3 = vec4f(0.0);
    var some = vec4f(0.0); // a few lines lose no digits: few additions meet a large sum
    for (let stop = min(end, line + sizes.block); line < stop; line++) {
      let source = line_of(line, rows);
      for (var w = 0u; w < sizes.result_w; w++) {
        let a = rows_of_x(source, rows, w);
        let at = columns + (line * sizes.result_w + w) * sizes.columns;
        let b = four_of_dy(at);
        y0 += a.x * b; y1 += a.y * b; y2 += a.z * b; y3 += a.w * b;
        if (SUMS) { some += b; }
      }
    }
    list[0] += y0; list[1] += y1; list[2] += y2; list[3] += y3;
    total += some;
  }

  // 3. Store.
  for (var r = 0u; r < 4u && row + r < sizes.rows; r++) {
    let first = (part * sizes.rows + row + r) * sizes.columns + columns.x;
    for (var c = 0u; c < 4u && local + c < sizes.per_group; c++) { store_y(first + c, list[r][c]); }
  }
  if (SUMS && row == 0u) {
    for (var c = 0u; c < 4u && local + c < sizes.per_group; c++) { store_sums(part * sizes.columns + columns.x + c, total[c]); }
  }
}

fn four_of_dy(at: vec4u) -> vec4f {
  if (FOURS) { return load4_dy(at.x); }
  return vec4f(load_dy(at.x), load_dy(at.y), load_dy(at.z), load_dy(at.w));
}
