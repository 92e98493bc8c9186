// Four neighbouring rows of a filter's gradient: which tap and channel each is, and the pixels that they meet.
// Consts: PADDED (some taps miss the image), IN_TAP (the four are channels of one tap, and one vector). Sizes: see convFilter.wgsl.

struct FilterRows {
  // elements from result pixel (0, 0)'s place in an image to what each row meets there; below 0 in the padding
  first: vec4i,
  // the same in lines and in pixels of a line
  h: vec4i,
  w: vec4i,
}

struct SourceLine {
  // the first pixel's element for each row
  at: vec4i,
  inside: vec4<bool>,
}

fn rows_of(row: u32, g: u32) -> FilterRows {
  let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(sizes.rows - 1u));
  let tap = rows / sizes.inner;
  let h = vec4i((tap / sizes.taps_w) * sizes.dilation_h) - i32(sizes.before_h);
  let w = vec4i((tap % sizes.taps_w) * sizes.dilation_w) - i32(sizes.before_w);
  let channel = vec4i(rows % sizes.inner + g * sizes.inner);
  return FilterRows((h * i32(sizes.source_w) + w) * i32(sizes.pitch) + channel, h, w);
}

// Line `line` of all results, images counted through.
fn line_of(line: u32, rows: FilterRows) -> SourceLine {
  let image = line / sizes.result_h;
  let h = (line % sizes.result_h) * sizes.stride_h;
  let start = (image * sizes.source_h + h) * sizes.source_w * sizes.pitch;
  return SourceLine(rows.first + i32(start), vec4u(rows.h + i32(h)) < vec4u(sizes.source_h));
}

// What the four rows meet at pixel `w` of the line.
fn rows_of_x(line: SourceLine, rows: FilterRows, w: u32) -> vec4f {
  let step = w * sizes.stride_w;
  let at = line.at + i32(step * sizes.pitch);
  if (IN_TAP) {
    let is_inside = !PADDED || (line.inside.x && u32(rows.w.x + i32(step)) < sizes.source_w);
    return select(vec4f(0.0), load4_x(u32(select(0, at.x, is_inside))), is_inside);
  }
  if (!PADDED) { return vec4f(load_x(u32(at.x)), load_x(u32(at.y)), load_x(u32(at.z)), load_x(u32(at.w))); }
  let inside = line.inside & (vec4u(rows.w + i32(step)) < vec4u(sizes.source_w));
  let safe = select(vec4i(0), at, inside);
  let values = vec4f(load_x(u32(safe.x)), load_x(u32(safe.y)), load_x(u32(safe.z)), load_x(u32(safe.w)));
  return select(vec4f(0.0), values, inside);
}
