// Which taps of a filter meet the image at one result pixel, along one axis. Const: TRANSPOSED.
// Forward, tap t of result r meets source r·stride + t·dilation − before. Transposed it meets (r + before − t·dilation) / stride, where
// that is whole: only taps of one residue do, so no zero is ever multiplied.

struct Axis {
  taps: i32,
  source: i32,
  stride: i32,
  dilation: i32,
  before: i32,
  tap_step: i32,
  source_step: i32,
}

struct Taps {
  first: i32,
  count: u32,
  source: i32,
}

fn floor_div(a: i32, b: i32) -> i32 {
  return select(a / b, -((b - 1 - a) / b), a < 0);
}

// Taps of result `r` whose source lies in −reach … source − 1: the first, how many, and the source of the first.
fn taps_of(r: i32, reach: i32, axis: Axis) -> Taps {
  if (!TRANSPOSED) {
    let start = r * axis.stride - axis.before;
    let first = max(0, -floor_div(reach + start, axis.dilation));
    let last = min(axis.taps - 1, floor_div(axis.source - 1 - start, axis.dilation));
    return Taps(first, u32(max(0, last - first + 1)), start + first * axis.dilation);
  }
  let start = r + axis.before;
  var residue = 0;
  while (residue < axis.tap_step && (start - residue * axis.dilation) % axis.stride != 0) { residue++; }
  let least = -floor_div((axis.source - 1) * axis.stride - start, axis.dilation);
  let last = min(axis.taps - 1, floor_div(start + reach * axis.stride, axis.dilation));
  let first = residue + axis.tap_step * max(0, -floor_div(residue - least, axis.tap_step));
  let count = select(floor_div(last - first, axis.tap_step) + 1, 0, residue == axis.tap_step || last < first);
  return Taps(first, u32(count), floor_div(start - first * axis.dilation, axis.stride));
}

fn axis_h() -> Axis {
  return Axis(i32(sizes.taps_h), i32(sizes.source_h), i32(sizes.stride_h), i32(sizes.dilation_h), i32(sizes.before_h), i32(sizes.tap_step_h), i32(sizes.source_step_h));
}

fn axis_w() -> Axis {
  return Axis(i32(sizes.taps_w), i32(sizes.source_w), i32(sizes.stride_w), i32(sizes.dilation_w), i32(sizes.before_w), i32(sizes.tap_step_w), i32(sizes.source_step_w));
}
